internal import Glibc

/// An address of IPv4 or IPv6 with a port, as the socket calls want it: `127.0.0.1:8080`, `[::1]:8080`.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
  package let host: String
  package let port: UInt16

  package init(_ host: String, _ port: UInt16 = 0) {
    self.host = host
    self.port = port
  }

  package var isIPv6: Bool { host.utf8.contains(UInt8(ascii: ":")) }
  package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

  var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }

  /// Calls `body` with the `sockaddr` of this address.
  func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) throws(SystemCallFailure) -> Result {
    if isIPv6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      guard unsafe inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { throw SystemCallFailure("inet_pton \(host)", EINVAL) }
      return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw SystemCallFailure("inet_pton \(host)", EINVAL) }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }

  /// The address in a `sockaddr_in` or `sockaddr_in6` that the kernel filled.
  init?(_ storage: sockaddr_storage) {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    var storage = storage
    let family = Int32(storage.ss_family)
    let port: UInt16? = unsafe withUnsafePointer(to: &storage) { pointer in
      let raw = unsafe UnsafeRawPointer(pointer)
      switch family {
      case AF_INET:
        var address = unsafe raw.loadUnaligned(as: sockaddr_in.self)
        unsafe inet_ntop(AF_INET, &address.sin_addr, &text, socklen_t(text.count))
        return UInt16(bigEndian: address.sin_port)
      case AF_INET6:
        var address = unsafe raw.loadUnaligned(as: sockaddr_in6.self)
        unsafe inet_ntop(AF_INET6, &address.sin6_addr, &text, socklen_t(text.count))
        return UInt16(bigEndian: address.sin6_port)
      default:
        return nil
      }
    }
    guard let port else { return nil }
    self.init(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self), port)
  }
}
