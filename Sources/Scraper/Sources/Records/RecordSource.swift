internal import Kernel
internal import KernelFormats
internal import PortModel

/// Counts the sockets that some interface of the kernel lists, one record each. `/proc` and inet_diag are read this way.
final class RecordSource<Tables: RecordTables>: SocketSource {
  private var tables: Tables
  private let memory: RecordMemory
  private let namedRanges: [NamedRange]
  private let tupleLimit: Int?
  private let serverAge: Duration

  init(_ tables: Tables, _ memory: RecordMemory, _ configuration: ScraperConfiguration) {
    self.tables = tables
    self.memory = memory
    namedRanges = configuration.namedRanges
    tupleLimit = configuration.tupleLimit
    serverAge = configuration.udpServerAge
  }

  var name: SourceName { tables.name }
  var fallbackRemark: String { tables.fallbackRemark }
  func reaches(_ view: NamespaceView) -> Bool { tables.reaches(view) }

  func retain(_ namespaces: Set<NetworkNamespaceID>) {
    tables.retain(namespaces)
    memory.retain(namespaces)
  }

  func countTCP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<TCPPool> {
    memory.tcp.begin(view.settings, namedRanges: namedRanges, abilities: view.abilities)
    let report = try inAnyOrder(&memory.tcp) { tally throws(ReadError) in try tables.readTCP(into: &tally, view, until: deadline) }
    if view.id == nil { memory.blocked = memory.tcp.blocked }
    findTimestamps(view, until: deadline)
    let pressure = TCPPressure(memory.tcp, tupleLimit: tupleLimit, seesExplicitBinds: report.seesExplicitBinds) {
      (view.isInside ? NetworkDevice.name($0) : nil) ?? "\($0)"
    }
    return Counted(
      TCPPool(sockets: memory.tcp.counts, seesBoundOnly: report.seesBoundOnly, pressure: pressure), source: name, problem: report.problem)
  }

  func countUDP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<UDPPool> {
    memory.udp.begin(view.settings, namedRanges: namedRanges, tenure: memory.tenures[view.id])
    let report = try tables.readUDP(into: &memory.udp, view, until: deadline)
    let servers = report.seesExplicitBinds ? servers(in: view) : nil
    let pressure = UDPPressure(memory.udp, servers: servers)
    return Counted(UDPPool(sockets: memory.udp.counts, pressure: pressure), source: name, problem: report.problem)
  }

  /// The UDP ports that servers wait on, judged by this look and those before.
  private func servers(in view: NamespaceView) -> PortSet? {
    let now = ContinuousClock.now
    var tenure = memory.tenures[view.id] ?? PortTenure(from: now)
    tenure.update(memory.udp.chosen, at: now)
    memory.tenures[view.id] = tenure
    return tenure.servers(at: now, age: serverAge)
  }

  /// What programs bound is known from the last time that the sockets were counted. How full tuples are does not depend on whose the addresses
  /// are.
  func fullestTuple(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<FullestTuple> {
    guard let settings = view.settings?.pool else { throw .systemCall(.unsupported("a pool without settings")) }
    memory.tcp.begin(
      NamespaceSettings(pool: settings), namedRanges: [], blocked: view.id == nil ? memory.blocked : PortSet(), abilities: view.abilities)
    try inAnyOrder(&memory.tcp) { tally throws(ReadError) in try tables.readConnections(into: &tally, view, until: deadline) }
    findTimestamps(view, until: deadline)
    let connect = ConnectHeadroom(memory.tcp, range: settings.range, limit: 0) { "\($0)" }
    return Counted(FullestTuple(used: connect.mostHeld, capacity: connect.capacity), source: name)
  }

  /// Finds out whether the peers of the fullest tuples use timestamps: without them, no TIME_WAIT is taken over. TIME_WAIT sockets do not tell, so
  /// that one open connection of each tuple is asked about, and its answer kept for when none is open.
  private func findTimestamps(_ view: NamespaceView, until deadline: Deadline) {
    let numbers = memory.tcp.tuplesWorthAsking(limit: TimestampMemory.limit)
    guard !numbers.isEmpty else { return }
    var known = memory.timestamps[view.id] ?? TimestampMemory()
    let lookups = numbers.compactMap { memory.tcp.tuples[$0].lookup }
    let now = ContinuousClock.now
    for (lookup, answer) in zip(lookups, tables.usesTimestamps(lookups, view, until: deadline)) {
      if let answer { known.note(answer, of: lookup.tuple, at: now) }
    }
    for number in numbers {
      if let answer = known.answer(for: memory.tcp.tuples[number].key.tuple, at: now) {
        memory.tcp.note(usesTimestamps: answer, tuple: number)
      }
    }
    memory.timestamps[view.id] = known
  }

  /// Reads until the count is right, whatever the order of the rows.
  ///
  /// A port with a listener or a bound socket is closed to connect(), and its connections belong to no tuple. The kernel lists such sockets first.
  /// gVisor does not, and then the table is read again with those ports known from the start. A port that becomes blocked during the second
  /// reading stays counted in its tuple, which can only make headroom smaller.
  private func inAnyOrder<Report>(
    _ tally: inout TCPTally, _ read: (inout TCPTally) throws(ReadError) -> Report
  ) throws(ReadError) -> Report {
    let report = try read(&tally)
    guard tally.hasLateBlock else { return report }
    tally.restart(knowing: tally.blocked)
    return try read(&tally)
  }
}

/// An interface of the kernel that lists sockets.
protocol RecordTables {
  var name: SourceName { get }
  var fallbackRemark: String { get }
  func reaches(_ view: NamespaceView) -> Bool
  mutating func retain(_ namespaces: Set<NetworkNamespaceID>)

  /// Reports every TCP socket of the namespace.
  mutating func readTCP(into tally: inout TCPTally, _ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> RecordReport
  /// Reports every connection on a pool port; other sockets may be left out.
  mutating func readConnections(into tally: inout TCPTally, _ view: NamespaceView, until deadline: Deadline) throws(ReadError)
  /// Reports every UDP socket of the namespace.
  mutating func readUDP(into tally: inout UDPTally, _ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> RecordReport
  /// Whether each of the connections uses TCP timestamps; `nil` if that cannot be seen.
  mutating func usesTimestamps(_ connections: [InetDiagLookup], _ view: NamespaceView, until deadline: Deadline) -> [Bool?]
}

/// How the records were read.
struct RecordReport: Sendable, Hashable {
  /// Whether it is known which ports programs chose themselves.
  let seesExplicitBinds: Bool
  /// Whether bound sockets that neither listen nor connect were among them.
  var seesBoundOnly = false
  /// They were read and are not to be trusted fully: why.
  var problem: String?
}

/// What is kept between snapshots: one set of tables for all namespaces and for all sources that read records.
final class RecordMemory {
  var tcp = TCPTally()
  var udp = UDPTally()
  /// The blocked ports of the scraper's own namespace when its sockets were last counted.
  var blocked = PortSet()
  /// How long UDP ports have been held, by namespace; `nil` is the scraper's own.
  var tenures: [NetworkNamespaceID?: PortTenure] = [:]
  /// What connections said of timestamps, by namespace; `nil` is the scraper's own.
  var timestamps: [NetworkNamespaceID?: TimestampMemory] = [:]

  func retain(_ namespaces: Set<NetworkNamespaceID>) {
    tenures.retain(namespaces)
    timestamps.retain(namespaces)
  }
}
