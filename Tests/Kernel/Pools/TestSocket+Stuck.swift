import Glibc
import TestSupport

extension TestSocket {
  /// Sends until neither the peer's buffer nor the own one takes more, so that a FIN has to wait behind it.
  private func fillSendBuffer() {
    let bytes = [UInt8](repeating: 0, count: 65536)
    while unsafe send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) > 0 {}
  }

  /// `count` clients that have closed and whose FIN has not been sent: FIN_WAIT1, without an owner.
  static func finWait1(_ count: Int, to destination: SocketAddress) throws -> [TestSocket] {
    let made = try established(count, to: destination)
    made.clients.forEach {
      $0.fillSendBuffer()
      $0.close()
    }
    return made.sockets
  }

  /// `count` clients whose peers have finished sending: CLOSE_WAIT.
  static func closeWait(_ count: Int, to destination: SocketAddress) throws -> [TestSocket] {
    let made = try established(count, to: destination)
    made.servers.forEach { $0.finishSending() }
    pause(0.05)
    return made.sockets
  }

  /// `count` clients that have closed after their peers finished, with their FIN unsent: LAST_ACK.
  static func lastACK(_ count: Int, to destination: SocketAddress) throws -> [TestSocket] {
    let made = try established(count, to: destination)
    made.clients.forEach { $0.fillSendBuffer() }
    made.servers.forEach { $0.finishSending() }
    pause(0.05)
    made.clients.forEach { $0.close() }
    return made.sockets
  }

  /// `count` clients that have closed with their FIN unsent, and then had their peers' FIN: CLOSING.
  static func closing(_ count: Int, to destination: SocketAddress) throws -> [TestSocket] {
    let made = try established(count, to: destination)
    made.clients.forEach {
      $0.fillSendBuffer()
      $0.close()
    }
    made.servers.forEach { $0.finishSending() }
    pause(0.05)
    return made.sockets
  }

  /// A listener on each address; one on `::` is dual-stack.
  static func listeners(_ addresses: [SocketAddress]) throws -> [TestSocket] {
    try addresses.map { try listener($0, isIPv6Only: false) }
  }
}
