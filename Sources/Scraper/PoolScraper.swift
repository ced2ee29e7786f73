package import Kernel
package import PortModel
internal import Synchronization

/// Takes snapshots of a namespace's pools. Every command and every scrape goes through it.
///
/// Blocking: call it on a thread that may wait. One snapshot is taken at a time; the tables it counts in are kept for the next one.
package final class PoolScraper: Sendable {
  let configuration: ScraperConfiguration
  private let source: any SocketSource
  private let state = Mutex(State())

  package init(_ configuration: ScraperConfiguration) {
    self.configuration = configuration
    source = configuration.source.source(configuration.proc, mayUseNetlink: configuration.proc.isLive)
  }

  /// Reads what `collectors` names, as far as it can be read until `deadline`. A collector that fails says so in its outcome and fails alone.
  package func snapshot(_ collectors: Set<CollectorName> = CollectorName.defaults, until deadline: Deadline = .never) -> PoolSnapshot {
    state.withLock { state in
      var outcomes: [CollectorOutcome] = []
      let time = WallClock.seconds
      let settings = measure(.settings, &outcomes) { () throws(ReadError) in
        (try NamespaceSettings(reading: configuration.proc), nil)
      }
      let tcp =
        !collectors.contains(.tcp)
        ? nil
        : measure(.tcp, &outcomes) { () throws(ReadError) in
          try state.tallies.readTCP(from: source, settings, configuration, until: deadline)
        }
      let udp =
        !collectors.contains(.udp)
        ? nil
        : measure(.udp, &outcomes) { () throws(ReadError) in
          try state.tallies.readUDP(from: source, settings, configuration, until: deadline)
        }
      if !collectors.contains(.settings), outcomes[0].isSuccess { outcomes.removeFirst() }
      state.names.beginSnapshot()
      let owners =
        !collectors.contains(.owners)
        ? nil
        : measure(.owners, &outcomes) { () throws(ReadError) in
          (try readOwners(settings?.pool, &state.names, until: deadline), nil)
        }
      let others =
        !collectors.contains(.namespaces)
        ? nil
        : NamespaceCollector(configuration, collectors: collectors, ownCapacity: settings?.pool.capacity)
          .collect(&state.tallies, &state.namespaces, &state.names, until: deadline)
      if let others { outcomes.append(others.outcome) }
      let own = NamespaceSnapshot(name: "host", settings: settings?.pool, tcp: tcp, udp: udp, outcomes: outcomes, owners: owners)
      return PoolSnapshot(time: time, namespaces: [own] + (others?.namespaces ?? []), census: others?.census)
    }
  }

  /// The fullest tuple of both families; `nil` while a snapshot is being taken. What programs bound is known from the snapshot before.
  func worstTuple(_ settings: PoolSettings, until deadline: Deadline) throws(ReadError) -> PeakSample? {
    let result = state.withLockIfAvailable { state in
      Result { () throws(ReadError) in
        state.tallies.tcp.beginConnections(settings)
        try source.fillConnections(&state.tallies.tcp, until: deadline)
        let connect = ConnectHeadroom(state.tallies.tcp, range: settings.range, limit: 0)
        return PeakSample.walked(used: connect.mostHeld, capacity: connect.capacity)
      }
    }
    return try result?.get()
  }

  private func readOwners(
    _ settings: PoolSettings?, _ names: inout OwnerNames, until deadline: Deadline
  ) throws(ReadError) -> [OwnerUsage] {
    guard configuration.proc.isLive else {
      throw .systemCall(.unsupported("\(configuration.proc.root) is a copy, and only the running kernel tells whose a socket is"))
    }
    guard let settings else { throw .systemCall(.unsupported("without the pool's settings there are no pool ports")) }
    return try OwnerSource(configuration: configuration).usage(settings, &names, until: deadline)
  }

  private func measure<Value>(
    _ collector: CollectorName, _ outcomes: inout [CollectorOutcome], _ body: () throws(ReadError) -> (Value, FillReport?)
  ) -> Value? {
    let start = ContinuousClock.now
    let result = Result(catching: body)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    switch result {
    case .success((let value, let report)):
      outcomes.append(
        CollectorOutcome(
          collector: collector, source: report?.source, duration: seconds, problem: report?.problem, remark: report?.remark))
      return value
    case .failure(let error):
      outcomes.append(CollectorOutcome(collector: collector, duration: seconds, problem: error.description))
      return nil
    }
  }
}

/// What is kept between snapshots.
private struct State: ~Copyable, Sendable {
  var tallies = Tallies()
  var namespaces = NamespaceMemory()
  var names = OwnerNames()
}
