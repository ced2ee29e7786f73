package import Kernel
internal import KernelFormats
package import PortModel

extension SocketTotals {
  /// Reads `sockstat` and, where there is IPv6, `sockstat6`.
  package init(reading proc: ProcFileSystem) throws(ReadError) {
    let path = proc.net("sockstat")
    let ipv4: SockstatFormat
    let bytes: [UInt8]
    do { bytes = try FileReader.bytes(of: path) } catch { throw .systemCall(error) }
    do { ipv4 = try SockstatFormat(bytes.span) } catch { throw ReadError(error, in: path) }
    let path6 = proc.net("sockstat6")
    let bytes6: [UInt8]?
    do { bytes6 = try FileReader.bytesIfPresent(of: path6) } catch { throw .systemCall(error) }
    var ipv6: SockstatFormat?
    if let bytes6 {
      do { ipv6 = try SockstatFormat(bytes6.span) } catch { throw ReadError(error, in: path6) }
    }
    let tcp = ipv4.tcp + ipv4.timeWait + (ipv6?.tcp ?? 0)
    let udp = ipv4.udp + (ipv6?.udp ?? 0)
    self.init(tcp: tcp, udp: udp, holders: max(tcp + udp, (ipv4.sockets ?? 0) + ipv4.timeWait))
  }
}
