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
    _ decode: (inout InetDiagDecoder, borrowing Span<UInt8>) throws(FormatError) -> NetlinkDump.Progress
  ) throws(ReadError) -> Bool {
    var decoder = InetDiagDecoder(request, sequence: sequence)
    try NetlinkExchange.run(
      request.encoded(sequence: sequence), "inet_diag \(request.table.name)", on: &channel, buffer: &buffer, until: deadline
    ) { datagram throws(FormatError) in try decode(&decoder, datagram) }
    return !decoder.isInterrupted
  }
}
