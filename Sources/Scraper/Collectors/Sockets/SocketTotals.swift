package import Kernel
internal import KernelFormats
package import PortModel

extension SocketTotals {
  /// Reads `sockstat` and, where there is IPv6, `sockstat6`. `nil` where the kernel keeps no such count, as gVisor.
  package init?(reading proc: ProcFileSystem) throws(ReadError) {
    guard let (ipv4, ipv6) = try Self.counts(proc) else { return nil }
    let tcp = ipv4.tcp + ipv4.timeWait + (ipv6?.tcp ?? 0)
    let udp = ipv4.udp + (ipv6?.udp ?? 0)
    self.init(tcp: tcp, udp: udp, holders: max(tcp + udp, (ipv4.sockets ?? 0) + ipv4.timeWait))
  }

  /// At most how many TCP sockets of the host are in no table: all that programs have open, less those of this namespace that are. `nil` where the kernel does
  /// not count them.
  package static func unlistedLimit(reading proc: ProcFileSystem) throws(ReadError) -> UInt64? {
    guard let (ipv4, ipv6) = try counts(proc), let allocated = ipv4.allocated else { return nil }
    return allocated - min(allocated, ipv4.tcp + (ipv6?.tcp ?? 0))
  }

  private static func counts(_ proc: ProcFileSystem) throws(ReadError) -> (ipv4: SockstatFormat, ipv6: SockstatFormat?)? {
    let parse = { (bytes: borrowing Span<UInt8>) throws(FormatError) in try SockstatFormat(bytes) }
    guard let ipv4 = try FileReader.valueIfPresent(of: proc.net("sockstat"), parse) ?? nil else { return nil }
    return (ipv4, try FileReader.valueIfPresent(of: proc.net("sockstat6"), parse) ?? nil)
  }
}

extension SocketCounts {
  /// The TCP sockets in the kernel's running count: all but requests for a connection and those that are bound and nothing more,
  /// which the kernel returns as ``SocketState/close``.
  var inRunningCount: Int {
    total - total(.synReceived) - total(.newSynReceived) - total(.close) - total(.boundInactive)
  }
}
