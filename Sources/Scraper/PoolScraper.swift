package import Kernel
internal import PortModel
internal import Synchronization

/// Takes snapshots of a namespace's pools. Every command and every scrape goes through it.
///
/// Blocking: call it on a thread that may wait. One snapshot is taken at a time; the tables it counts in are kept for the next one.
package final class PoolScraper: Sendable {
  private let configuration: ScraperConfiguration
  private let source: any SocketSource
  private let tallies = Mutex(Tallies())

  package init(_ configuration: ScraperConfiguration) {
    self.configuration = configuration
    source = ProcSocketSource(proc: configuration.proc)
  }

  /// Reads what `collectors` names, as far as it can be read until `deadline`. A collector that fails says so in its outcome and fails alone.
  package func snapshot(_ collectors: Set<CollectorName> = Set(CollectorName.allCases), until deadline: Deadline = .never) -> PoolSnapshot {
    tallies.withLock { tallies in
      var outcomes: [CollectorOutcome] = []
      let time = WallClock.seconds
      let settings = measure(.settings, nil, &outcomes) { () throws(ReadError) in
        try NamespaceSettings(reading: configuration.proc)
      }
      let tcp = !collectors.contains(.tcp) ? nil : measure(.tcp, source.name, &outcomes) { () throws(ReadError) in
        try readTCP(settings, &tallies.tcp, deadline)
      }
      let udp = !collectors.contains(.udp) ? nil : measure(.udp, source.name, &outcomes) { () throws(ReadError) in
        try readUDP(settings, &tallies.udp, deadline)
      }
      if !collectors.contains(.settings), outcomes[0].isSuccess { outcomes.removeFirst() }
      let namespace = NamespaceSnapshot(name: "host", settings: settings?.pool, tcp: tcp, udp: udp, outcomes: outcomes)
      return PoolSnapshot(time: time, namespaces: [namespace])
    }
  }

  private func readTCP(_ settings: NamespaceSettings?, _ tally: inout TCPTally, _ deadline: Deadline) throws(ReadError) -> TCPPool {
    tally.begin(settings, namedRanges: configuration.namedRanges)
    try source.fill(&tally, until: deadline)
    return TCPPool(
      sockets: tally.counts, seesBoundOnly: source.seesBinds, pressure: TCPPressure(tally, tupleLimit: configuration.tupleLimit))
  }

  private func readUDP(_ settings: NamespaceSettings?, _ tally: inout UDPTally, _ deadline: Deadline) throws(ReadError) -> UDPPool {
    tally.begin(settings, namedRanges: configuration.namedRanges)
    try source.fill(&tally, until: deadline)
    return UDPPool(sockets: tally.counts, pressure: UDPPressure(tally, seesExplicitBinds: source.seesBinds))
  }

  private func measure<Value>(
    _ collector: CollectorName, _ source: SourceName?, _ outcomes: inout [CollectorOutcome], _ body: () throws(ReadError) -> Value
  ) -> Value? {
    let start = ContinuousClock.now
    let result = Result(catching: body)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    switch result {
    case .success(let value):
      outcomes.append(CollectorOutcome(collector: collector, source: source, duration: seconds))
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
