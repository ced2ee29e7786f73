internal import Glibc

/// How a client comes by its source address and port, which decides which pool it draws from.
package enum SourceChoice: Sendable, Hashable {
  /// `connect` alone: the kernel takes a port that is free for the destination.
  case atConnect
  /// `IP_BIND_ADDRESS_NO_PORT`, `bind(HOST, 0)`, `connect`: a fixed address, and the port still chosen at `connect`.
  case addressOnly(String)
  /// `bind(HOST, 0)`, then `connect`: the port is taken for every destination.
  case bindFirst(String)
  /// `bind(HOST, PORT)`, then `connect`: a port that the program named.
  case fixed(String, UInt16)
}

extension TestSocket {
  /// A TCP listener with `SO_REUSEADDR`.
  package static func listener(
    _ address: SocketAddress, isIPv6Only: Bool = true, backlog: Int32 = 4096
  ) throws(SystemCallFailure) -> TestSocket {
    let socket = try TestSocket(.tcp, isIPv6: address.isIPv6)
    try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
    if address.isIPv6 { try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, isIPv6Only ? 1 : 0) }
    try socket.bind(address)
    try socket.listen(backlog: backlog)
    return socket
  }

  /// A TCP or UDP socket connected to `destination`; an address such as `::ffff:127.0.0.1` makes an IPv4-mapped one.
  package static func client(
    _ transport: Transport = .tcp, to destination: SocketAddress, source: SourceChoice = .atConnect, waiting: Bool = true
  ) throws(SystemCallFailure) -> TestSocket {
    let socket = try TestSocket(transport, isIPv6: destination.isIPv6)
    switch source {
    case .atConnect: break
    case .addressOnly(let host):
      try socket.set(Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
      try socket.bind(SocketAddress(host))
    case .bindFirst(let host): try socket.bind(SocketAddress(host))
    case .fixed(let host, let port): try socket.bind(SocketAddress(host, port))
    }
    try socket.connect(destination, waiting: waiting)
    return socket
  }

  /// A socket that is bound and nothing more.
  ///
  /// - Parameter isIPv6Only: the option `IPV6_V6ONLY`; left as the namespace has it when `nil`.
  package static func bound(
    _ transport: Transport = .tcp, to address: SocketAddress, isIPv6Only: Bool? = nil
  ) throws(SystemCallFailure) -> TestSocket {
    let socket = try TestSocket(transport, isIPv6: address.isIPv6)
    if address.isIPv6, let isIPv6Only { try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, isIPv6Only ? 1 : 0) }
    try socket.bind(address)
    return socket
  }

  /// `count` of what `client` makes.
  package static func clients(
    _ count: Int, _ transport: Transport = .tcp, to destination: SocketAddress, source: SourceChoice = .atConnect
  ) throws(SystemCallFailure) -> [TestSocket] {
    var sockets: [TestSocket] = []
    for _ in 0..<count { sockets.append(try client(transport, to: destination, source: source)) }
    return sockets
  }

  private static var IP_BIND_ADDRESS_NO_PORT: Int32 { 24 }
}
