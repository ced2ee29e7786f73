internal import Kernel
internal import PortModel

/// Counts the sockets that some interface of the kernel lists, one record each. `/proc` and inet_diag are read this way.
final class RecordSource<Tables: RecordTables>: SocketSource {
  private var tables: Tables
  private let memory: RecordMemory
  private let namedRanges: [NamedRange]
  private let tupleLimit: Int?

  init(_ tables: Tables, _ memory: RecordMemory, _ configuration: ScraperConfiguration) {
    self.tables = tables
    self.memory = memory
    namedRanges = configuration.namedRanges
    tupleLimit = configuration.tupleLimit
  }

  var name: SourceName { tables.name }
  var fallbackRemark: String { tables.fallbackRemark }
  func reaches(_ view: NamespaceView) -> Bool { tables.reaches(view) }
  func retain(_ namespaces: Set<NetworkNamespaceID>) { tables.retain(namespaces) }

  func countTCP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<TCPPool> {
    memory.tcp.begin(view.settings, namedRanges: namedRanges, abilities: view.abilities)
    let report = try inAnyOrder(&memory.tcp) { tally throws(ReadError) in try tables.readTCP(into: &tally, view, until: deadline) }
    if view.id == nil { memory.blocked = memory.tcp.blocked }
    let pressure = TCPPressure(memory.tcp, tupleLimit: tupleLimit) { (view.isInside ? NetworkDevice.name($0) : nil) ?? "\($0)" }
    return Counted(
      TCPPool(sockets: memory.tcp.counts, seesBoundOnly: report.seesBoundOnly, pressure: pressure), source: name, problem: report.problem)
  }

  func countUDP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<UDPPool> {
    memory.udp.begin(view.settings, namedRanges: namedRanges)
    let report = try tables.readUDP(into: &memory.udp, view, until: deadline)
    let pressure = UDPPressure(memory.udp, seesExplicitBinds: report.seesExplicitBinds)
    return Counted(UDPPool(sockets: memory.udp.counts, pressure: pressure), source: name, problem: report.problem)
  }

  /// What programs bound is known from the last time that the sockets were counted. How full tuples are does not depend on whose the addresses
  /// are.
  func fullestTuple(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<FullestTuple> {
    guard let settings = view.settings?.pool else { throw .systemCall(.unsupported("a pool without settings")) }
    memory.tcp.begin(
      NamespaceSettings(pool: settings), namedRanges: [], blocked: view.id == nil ? memory.blocked : PortSet(), abilities: view.abilities)
    try inAnyOrder(&memory.tcp) { tally throws(ReadError) in try tables.readConnections(into: &tally, view, until: deadline) }
    let connect = ConnectHeadroom(memory.tcp, range: settings.range, limit: 0) { "\($0)" }
    return Counted(FullestTuple(used: connect.mostHeld, capacity: connect.capacity), source: name)
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
}
