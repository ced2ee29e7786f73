internal import Glibc
internal import NIOCore

/// The address of a client as a key for fairness: an IPv4 address, the first half of an IPv6 address, or one key for all of a unix socket.
enum PeerAddress {
  /// `10.0.0.7`, also for `::ffff:10.0.0.7`; `2001:db8:0:1::/64`.
  static func key(_ address: SocketAddress?) -> String {
    guard let text = address?.ipAddress else { return "unix" }
    return key(text)
  }

  /// The key of an address as text.
  static func key(_ text: String) -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return text }
    if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
      return bytes[12...].map(String.init).joined(separator: ".")
    }
    let groups = stride(from: 0, to: 8, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
    return groups.joined(separator: ":") + "::/64"
  }
}
