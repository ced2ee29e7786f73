internal import Kernel
internal import KernelFormats

/// One request to the kernel over netlink and its whole answer.
enum NetlinkExchange {
  /// Gives each datagram of the answer to `decode`, until that has seen the end.
  ///
  /// - Parameter subject: what is asked, for errors: `inet_diag tcp`.
  @inline(__always)
  static func run<Channel: NetlinkChannel & ~Copyable>(
    _ request: [UInt8], _ subject: @autoclosure () -> String, on channel: inout Channel, buffer: inout [UInt8], until deadline: Deadline,
    _ decode: (borrowing Span<UInt8>) throws(FormatError) -> NetlinkDump.Progress
  ) throws(ReadError) {
    try ReadError.wrapping(try channel.send(request))
    while true {
      let length = try ReadError.wrapping(try channel.receive(into: &buffer))
      let progress: NetlinkDump.Progress
      do { progress = try decode(buffer.span.extracting(first: length)) } catch { throw .format(error) }
      switch progress {
      case .done: return
      case .refused(let code): throw .systemCall(SystemCallError(call: "dump", subject: subject(), code: code))
      case .more:
        guard !deadline.hasPassed else { throw .deadline(subject()) }
      }
    }
  }
}
