internal import Kernel
internal import KernelFormats
internal import PortModel

/// Reads every entry of a connection tracking table, without keeping any of them.
enum ConntrackTable {
  /// Asks the kernel over netlink, in the namespace of the calling thread: takes CAP_NET_ADMIN there.
  ///
  /// - Returns: how many entries lack an address or a port.
  static func dump(until deadline: Deadline, _ body: (TrackedConnection) -> Void) throws(ReadError) -> Int {
    var socket = try ReadError.wrapping(try NetlinkSocket.netfilter())
    var buffer = [UInt8](repeating: 0, count: InetDiagDump.bufferSize)
    var decoder = ConntrackDecoder(sequence: 1)
    try NetlinkExchange.run(ConntrackRequest.encoded(sequence: 1), "ctnetlink", on: &socket, buffer: &buffer, until: deadline) {
      datagram throws(FormatError) in try decoder.decode(datagram, body)
    }
    return decoder.incomplete
  }

  /// Reads `/proc/net/nf_conntrack`: takes root or group 0, and no capability.
  ///
  /// - Returns: `false` if there is no such file: no connection tracking, or a kernel without its files.
  static func readFile(_ proc: ProcFileSystem, until deadline: Deadline, _ body: (TrackedConnection) -> Void) throws(ReadError) -> Bool {
    guard var stream = try ReadError.wrapping(try FileStream.ifPresent(proc.net("nf_conntrack"))) else { return false }
    var parser = ConntrackTableParser()
    try stream.read(until: deadline) { bytes, isLast throws(FormatError) in (try parser.parse(bytes, isLast: isLast, body), true) }
    return true
  }
}
