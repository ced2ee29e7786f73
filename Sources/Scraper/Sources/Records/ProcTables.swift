internal import Kernel
internal import KernelFormats
internal import PortModel

/// The socket tables of `/proc`: the reference, which every kernel has and which needs no right.
struct ProcTables: RecordTables {
  var name: SourceName { .proc }
  var fallbackRemark: String { "reading /proc instead, which does not show bound sockets that are not connected" }
  func reaches(_ view: NamespaceView) -> Bool { true }
  mutating func retain(_ namespaces: Set<NetworkNamespaceID>) {}

  /// Reads `tcp6` first: a dual-stack listener takes its port from IPv4 connections too, so that this order seldom takes a second reading.
  mutating func readTCP(into tally: inout TCPTally, _ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> RecordReport {
    var tcp6 = try SocketTable.ifPresent(SocketTableFormat(.tcp, isIPv6: true), view.proc)
    try tcp6?.readAll(until: deadline) { tally.observe($0) }
    var tcp = try SocketTable(SocketTableFormat(.tcp, isIPv6: false), view.proc)
    try tcp.readAll(until: deadline) { tally.observe($0) }
    return RecordReport(seesExplicitBinds: false)
  }

  /// `/proc` cannot filter.
  mutating func readConnections(into tally: inout TCPTally, _ view: NamespaceView, until deadline: Deadline) throws(ReadError) {
    _ = try readTCP(into: &tally, view, until: deadline)
  }

  mutating func readUDP(into tally: inout UDPTally, _ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> RecordReport {
    var udp = try SocketTable(SocketTableFormat(.udp, isIPv6: false), view.proc)
    try udp.readAll(until: deadline) { tally.observe($0) }
    var udp6 = try SocketTable.ifPresent(SocketTableFormat(.udp, isIPv6: true), view.proc)
    try udp6?.readAll(until: deadline) { tally.observe($0) }
    return RecordReport(seesExplicitBinds: false)
  }
}

extension ProcTables {
  /// `/proc` does not show the options of a connection.
  func usesTimestamps(_ connections: [InetDiagLookup], _ view: NamespaceView, until deadline: Deadline) -> [Bool?] { [] }
}

/// One table that is being read.
struct SocketTable: ~Copyable {
  private var stream: FileStream
  private var parser: SocketTableParser

  private init(_ stream: consuming FileStream, _ format: SocketTableFormat) {
    self.stream = stream
    parser = SocketTableParser(format)
  }

  init(_ format: SocketTableFormat, _ proc: ProcFileSystem) throws(ReadError) {
    self.init(try ReadError.wrapping(try FileStream(proc.net(format.fileName))), format)
  }

  /// Without IPv6 in the kernel there are no `tcp6` and `udp6`, which is no error.
  static func ifPresent(_ format: SocketTableFormat, _ proc: ProcFileSystem) throws(ReadError) -> SocketTable? {
    guard let stream = try ReadError.wrapping(try FileStream.ifPresent(proc.net(format.fileName))) else { return nil }
    return SocketTable(stream, format)
  }

  /// Calls `body` for every socket of the table.
  @inline(__always)
  mutating func readAll(until deadline: Deadline, _ body: (SocketRecord) -> Void) throws(ReadError) {
    try stream.read(until: deadline) { bytes, isLast throws(FormatError) in
      let used = try parser.parse(bytes, isLast: isLast) { record in
        body(record)
        return true
      }
      return (used, true)
    }
  }
}
