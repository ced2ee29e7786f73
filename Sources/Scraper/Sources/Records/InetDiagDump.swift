package import Kernel
package import KernelFormats
package import PortModel

/// One request to inet_diag and its whole answer.
package enum InetDiagDump {
  /// The kernel fills datagrams of at most 32 KiB when the receiver's buffer takes them.
  package static let bufferSize = 1 << 15

  /// Calls `body` for each socket of the answer.
  ///
  /// - Returns: whether the kernel's table stayed the same meanwhile.
  package static func run<Channel: NetlinkChannel & ~Copyable>(
    _ request: InetDiagRequest, on channel: inout Channel, buffer: inout [UInt8], sequence: UInt32, until deadline: Deadline,
    _ body: (SocketRecord) -> Void
  ) throws(ReadError) -> Bool {
    try exchange(request, on: &channel, buffer: &buffer, sequence: sequence, until: deadline) {
      decoder, datagram throws(FormatError) in try decoder.decode(datagram, body)
    }
  }

  /// Calls `body` for each socket of the answer with its owner.
  ///
  /// - Returns: whether the kernel's table stayed the same meanwhile.
  static func runHolders<Channel: NetlinkChannel & ~Copyable>(
    _ request: InetDiagRequest, on channel: inout Channel, buffer: inout [UInt8], sequence: UInt32, until deadline: Deadline,
    _ body: (SocketHolder) -> Void
  ) throws(ReadError) -> Bool {
    try exchange(request, on: &channel, buffer: &buffer, sequence: sequence, until: deadline) {
      decoder, datagram throws(FormatError) in try decoder.decodeHolders(datagram, body)
    }
  }

  /// Gives each datagram of the answer to `decode`.
  @inline(__always)
  private static func exchange<Channel: NetlinkChannel & ~Copyable>(
    _ request: InetDiagRequest, on channel: inout Channel, buffer: inout [UInt8], sequence: UInt32, until deadline: Deadline,
    _ decode: (inout InetDiagDecoder, borrowing Span<UInt8>) throws(FormatError) -> InetDiagDecoder.Progress
  ) throws(ReadError) -> Bool {
    try ReadError.wrapping(try channel.send(request.encoded(sequence: sequence)))
    var decoder = InetDiagDecoder(request, sequence: sequence)
    while true {
      let length = try ReadError.wrapping(try channel.receive(into: &buffer))
      let progress: InetDiagDecoder.Progress
      do { progress = try decode(&decoder, buffer.span.extracting(first: length)) } catch { throw .format(error) }
      switch progress {
      case .done: return !decoder.isInterrupted
      case .refused(let code):
        throw .systemCall(SystemCallError(call: "dump", subject: "inet_diag \(request.table.name)", code: code))
      case .more:
        guard !deadline.hasPassed else { throw .deadline("inet_diag") }
      }
    }
  }
}
