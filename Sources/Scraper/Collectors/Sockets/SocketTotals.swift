package import Kernel
internal import KernelFormats
package import PortModel

extension SocketTotals {
  /// Reads `sockstat` and, where there is IPv6, `sockstat6`. `nil` where the kernel keeps no such count, as gVisor.
  package init?(reading proc: ProcFileSystem) throws(ReadError) {
    let parse = { (bytes: borrowing Span<UInt8>) throws(FormatError) in try SockstatFormat(bytes) }
    guard let ipv4 = try FileReader.valueIfPresent(of: proc.net("sockstat"), parse) ?? nil else { return nil }
    let ipv6 = try FileReader.valueIfPresent(of: proc.net("sockstat6"), parse) ?? nil
    let tcp = ipv4.tcp + ipv4.timeWait + (ipv6?.tcp ?? 0)
    let udp = ipv4.udp + (ipv6?.udp ?? 0)
    self.init(tcp: tcp, udp: udp, holders: max(tcp + udp, (ipv4.sockets ?? 0) + ipv4.timeWait))
  }
}
