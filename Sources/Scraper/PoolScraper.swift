package import Kernel
internal import PortModel
internal import Synchronization

/// Takes snapshots of a namespace's pools. Every command and every scrape goes through it.
///
/// Blocking: call it on a thread that may wait. One snapshot is taken at a time; the tables it counts in are kept for the next one.
package final class PoolScraper: Sendable {
  let configuration: ScraperConfiguration
  private let source: any SocketSource
  private let tallies = Mutex(Tallies())

  package init(_ configuration: ScraperConfiguration) {
    self.configuration = configuration
    let proc = ProcSocketSource(proc: configuration.proc)
    source =
      switch configuration.source {
      case .proc: proc
      case .netlink: InetDiagSocketSource()
      // A copy of /proc somewhere else says nothing about the kernel this runs on, nor the kernel about it.
      case .auto: configuration.proc.isLive ? PreferredSocketSource(proc: proc) : proc
      }
  }

  /// Reads what `collectors` names, as far as it can be read until `deadline`. A collector that fails says so in its outcome and fails alone.
  package func snapshot(_ collectors: Set<CollectorName> = Set(CollectorName.allCases), until deadline: Deadline = .never) -> PoolSnapshot {
    tallies.withLock { tallies in
      var outcomes: [CollectorOutcome] = []
      let time = WallClock.seconds
      let settings = measure(.settings, &outcomes) { () throws(ReadError) in
        (try NamespaceSettings(reading: configuration.proc), nil)
      }
      let tcp =
        !collectors.contains(.tcp)
        ? nil
        : measure(.tcp, &outcomes) { () throws(ReadError) in
          try readTCP(settings, &tallies.tcp, deadline)
        }
      let udp =
        !collectors.contains(.udp)
        ? nil
        : measure(.udp, &outcomes) { () throws(ReadError) in
          try readUDP(settings, &tallies.udp, deadline)
        }
      if !collectors.contains(.settings), outcomes[0].isSuccess { outcomes.removeFirst() }
      let namespace = NamespaceSnapshot(name: "host", settings: settings?.pool, tcp: tcp, udp: udp, outcomes: outcomes)
      return PoolSnapshot(time: time, namespaces: [namespace])
    }
  }

  /// The fullest tuple of both families; `nil` while a snapshot is being taken. What programs bound is known from the snapshot before.
  func worstTuple(_ settings: NamespaceSettings, until deadline: Deadline) throws(ReadError) -> PeakSample? {
    let result = tallies.withLockIfAvailable { tallies in
      Result { () throws(ReadError) in
        tallies.tcp.beginConnections(settings)
        try source.fillConnections(&tallies.tcp, until: deadline)
        let worst = ConnectHeadroom(tallies.tcp, range: settings.pool.range, limit: 0)
        return PeakSample.walked(used: worst.worst.values.map(\.held).max() ?? 0, capacity: worst.capacity)
      }
    }
    return try result?.get()
  }

  private func readTCP(
    _ settings: NamespaceSettings?, _ tally: inout TCPTally, _ deadline: Deadline
  ) throws(ReadError) -> (TCPPool, FillReport?) {
    tally.begin(settings, namedRanges: configuration.namedRanges)
    let report = try source.fill(&tally, until: deadline)
    let pressure = TCPPressure(tally, tupleLimit: configuration.tupleLimit)
    return (TCPPool(sockets: tally.counts, seesBoundOnly: report.seesBinds, pressure: pressure), report)
  }

  private func readUDP(
    _ settings: NamespaceSettings?, _ tally: inout UDPTally, _ deadline: Deadline
  ) throws(ReadError) -> (UDPPool, FillReport?) {
    tally.begin(settings, namedRanges: configuration.namedRanges)
    let report = try source.fill(&tally, until: deadline)
    return (UDPPool(sockets: tally.counts, pressure: UDPPressure(tally, seesExplicitBinds: report.seesBinds)), report)
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

/// The tables that are counted in, kept between snapshots.
private struct Tallies: ~Copyable, Sendable {
  var tcp = TCPTally()
  var udp = UDPTally()
}
