internal import Glibc

/// Ports that nobody has at the moment.
package enum FreePort {
  /// A TCP port of 127.0.0.1 that the kernel just gave and that was given back.
  package static func onLoopback() throws(SystemCallFailure) -> UInt16 {
    let socket = try TestSocket.bound(to: SocketAddress("127.0.0.1"))
    guard let address = socket.localAddress else { throw SystemCallFailure("getsockname") }
    return address.port
  }
}
