internal import Kernel
internal import KernelFormats
internal import PortModel

/// One table that is being read.
struct SocketTable: ~Copyable {
  private var stream: FileStream
  private var parser: SocketTableParser

  private init(_ stream: consuming FileStream, _ format: SocketTableFormat) {
    self.stream = stream
    parser = SocketTableParser(format)
  }

  init(_ format: SocketTableFormat, _ proc: ProcFileSystem) throws(ReadError) {
    do { try self.init(FileStream(proc.net(format.fileName)), format) } catch { throw .systemCall(error) }
  }

  /// Without IPv6 in the kernel there are no `tcp6` and `udp6`, which is no error.
  static func ifPresent(_ format: SocketTableFormat, _ proc: ProcFileSystem) throws(ReadError) -> SocketTable? {
    let stream: FileStream?
    do { stream = try FileStream.ifPresent(proc.net(format.fileName)) } catch { throw .systemCall(error) }
    guard let stream else { return nil }
    return SocketTable(stream, format)
  }

  mutating func readRest(into tally: inout some SocketTally & ~Copyable, until deadline: Deadline) throws(ReadError) {
    try readAll(until: deadline) { tally.observe($0) }
  }

  /// Gives sockets to `body` until it does not take one, which is then the next to be read.
  mutating func read(until deadline: Deadline, _ body: (SocketRecord) -> Bool) throws(ReadError) {
    try stream.read(until: deadline) { bytes, isLast throws(FormatError) in
      let used = try parser.parse(bytes, isLast: isLast, body)
      return (used, !parser.isStopped)
    }
  }

  /// Gives every socket that is not read yet to `body`.
  mutating func readAll(until deadline: Deadline, _ body: (SocketRecord) -> Void) throws(ReadError) {
    try read(until: deadline) { record in
      body(record)
      return true
    }
  }
}
