internal import Kernel
internal import KernelFormats
internal import PortModel

/// The socket tables of `/proc`: the reference, which every kernel has and which needs no right.
struct ProcSocketSource: SocketSource {
  let proc: ProcFileSystem

  var name: SourceName { .proc }
  var seesBinds: Bool { false }

  /// Reads `tcp`, then `tcp6`. The IPv6 listeners are read once before, because a dual-stack listener takes its port from IPv4 too.
  func fill(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError) {
    var reader = TableReader(proc: proc, deadline: deadline)
    try reader.read(SocketTableFormat(.tcp, isIPv6: true)) { record in
      guard record.state == .listen else { return false }
      tally.block(record.localPort)
      return true
    }
    try reader.readBoth(.tcp, into: &tally)
  }

  func fill(_ tally: inout UDPTally, until deadline: Deadline) throws(ReadError) {
    var reader = TableReader(proc: proc, deadline: deadline)
    try reader.readBoth(.udp, into: &tally)
  }
}

private struct TableReader {
  let proc: ProcFileSystem
  let deadline: Deadline
  var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init(proc: ProcFileSystem, deadline: Deadline) {
    self.proc = proc
    self.deadline = deadline
  }

  mutating func readBoth(_ transport: TransportProtocol, into tally: inout some SocketTally & ~Copyable) throws(ReadError) {
    for format in [SocketTableFormat(transport, isIPv6: false), SocketTableFormat(transport, isIPv6: true)] {
      try read(format) { record in
        tally.observe(record)
        return true
      }
    }
  }

  /// Streams one table until `body` returns `false`. Without IPv6 in the kernel there are no `tcp6` and `udp6`, which is no error.
  mutating func read(_ format: SocketTableFormat, _ body: (SocketRecord) -> Bool) throws(ReadError) {
    var parser = SocketTableParser(format)
    let path = proc.net(format.fileName)
    do {
      try FileReader.stream(path, buffer: &buffer, until: deadline) { bytes, isLast throws(FormatError) in
        let used = try parser.parse(bytes, isLast: isLast, body)
        return parser.isStopped ? nil : used
      }
    } catch .systemCall(let error) where error.isNoSuchFile && format.isIPv6 {
      return
    }
  }
}
