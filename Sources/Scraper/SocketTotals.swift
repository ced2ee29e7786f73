package import Kernel
internal import KernelFormats

/// How many sockets a namespace has, as the kernel counts along: 12 µs to read, however many there are.
package struct SocketTotals: Sendable, Hashable {
  /// TCP sockets of both families in any state.
  package let tcp: UInt64
  /// UDP sockets of both families.
  package let udp: UInt64
  /// At least as many as hold a port: sockets of every kind, and TIME_WAIT. TCP sockets that are bound and nothing more are not among ``tcp``.
  package let holders: UInt64

  package init(tcp: UInt64, udp: UInt64, holders: UInt64) {
    self.tcp = tcp
    self.udp = udp
    self.holders = holders
  }

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
    tcp = ipv4.tcp + ipv4.timeWait + (ipv6?.tcp ?? 0)
    udp = ipv4.udp + (ipv6?.udp ?? 0)
    holders = max(tcp + udp, (ipv4.sockets ?? 0) + ipv4.timeWait)
  }
}
