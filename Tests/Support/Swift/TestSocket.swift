internal import CTestSupport
internal import Glibc

/// A real socket that a test holds. It closes with its last reference, so keep it as long as the kernel shall see it.
///
/// A socket belongs to the namespace of the thread that made it.
package final class TestSocket: Sendable {
  package let descriptor: Int32
  private let isClosed = ClosedFlag()

  /// `socket(2)`; the descriptor is not handed to child programs.
  package init(_ transport: Transport, isIPv6: Bool = false) throws(SystemCallFailure) {
    let type = Int32((transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, type, 0)
    guard descriptor >= 0 else { throw SystemCallFailure("socket") }
  }

  init(adopting descriptor: Int32) { self.descriptor = descriptor }

  deinit { close() }

  /// What a socket speaks.
  package enum Transport: Sendable, Hashable { case tcp, udp }

  /// Closes it now; a second call does nothing.
  package func close() {
    if isClosed.raise() { _ = Glibc.close(descriptor) }
  }

  /// `setsockopt` of one integer.
  package func set(_ level: Int32, _ option: Int32, _ value: Int32) throws(SystemCallFailure) {
    var value = value
    guard unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
      throw SystemCallFailure("setsockopt \(level) \(option)")
    }
  }

  package func bind(_ address: SocketAddress) throws(SystemCallFailure) {
    let result = try unsafe address.withSockaddr { unsafe Glibc.bind(descriptor, $0, $1) }
    guard result == 0 else { throw SystemCallFailure("bind \(address)") }
  }

  package func listen(backlog: Int32 = 4096) throws(SystemCallFailure) {
    guard Glibc.listen(descriptor, backlog) == 0 else { throw SystemCallFailure("listen") }
  }

  /// - Parameter waiting: `false` returns while the connection is still SYN_SENT.
  package func connect(_ address: SocketAddress, waiting: Bool = true) throws(SystemCallFailure) {
    if !waiting { setNonBlocking() }
    let result = try unsafe address.withSockaddr { unsafe Glibc.connect(descriptor, $0, $1) }
    guard result == 0 || (!waiting && errno == EINPROGRESS) else { throw SystemCallFailure("connect \(address)") }
  }

  /// Takes back `connect` of a UDP socket, and the port if the kernel chose it.
  package func disconnect() throws(SystemCallFailure) {
    var address = sockaddr()
    address.sa_family = sa_family_t(AF_UNSPEC)
    guard unsafe Glibc.connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size)) == 0 else {
      throw SystemCallFailure("connect to AF_UNSPEC")
    }
  }

  /// The connections that have arrived so far.
  package func acceptAll() -> [TestSocket] {
    setNonBlocking()
    var accepted: [TestSocket] = []
    while true {
      let descriptor = test_accept(descriptor)
      guard descriptor >= 0 else { return accepted }
      accepted.append(TestSocket(adopting: descriptor))
    }
  }

  /// Whether the other end has sent its FIN, and nothing before it that was not read.
  package var isClosedByPeer: Bool {
    var byte: UInt8 = 0
    return unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
  }

  /// The address the kernel gave this socket, with the port it chose.
  package var localAddress: SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
    }
    return result == 0 ? SocketAddress(storage) : nil
  }

  /// `shutdown(SHUT_WR)`: sends FIN and goes on reading, so that the socket rests in FIN_WAIT2.
  package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// `SO_LINGER` 0: closing sends RST and leaves no TIME_WAIT.
  package func resetOnClose() throws(SystemCallFailure) {
    var value = linger(l_onoff: 1, l_linger: 0)
    guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size)) == 0 else {
      throw SystemCallFailure("setsockopt SO_LINGER")
    }
  }

  private func setNonBlocking() { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }
}
