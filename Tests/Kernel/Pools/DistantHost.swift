import TestSupport

/// Another host at the end of a cable: a namespace of its own, whose server on ``address`` closes each connection when its client does. It ends
/// with the last reference.
final class DistantHost: Sendable {
  /// The address of the test's namespace on the cable.
  static let near = "10.8.0.1"
  static let address = SocketAddress("10.8.0.2", 8080)

  /// Lays the cable from the calling thread's namespace.
  init(in namespace: NetworkNamespace, usesTimestamps: Bool) throws {
    let far = Mailbox<Result<NetworkNamespace, any Error>>()
    let isCabled = Mailbox<Bool>()
    let server = Mailbox<Result<TestSocket, any Error>>()
    let serving = DetachedThread.start { [weak self] in
      let outcome = Result { try namespace.another() }
      far.put(outcome)
      guard let far = try? outcome.get(), isCabled.take() else { return }
      let listener = Result { try Self.listen(in: far, usesTimestamps: usesTimestamps) }
      server.put(listener)
      guard let listener = try? listener.get() else { return }
      var held: [TestSocket] = []
      while self != nil {
        held += listener.acceptAll()
        held.removeAll { $0.isClosedByPeer }
        TestSocket.pause(0.002)
      }
    }
    guard serving else { throw SystemCallFailure("pthread_create") }
    do {
      try namespace.ip("link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns", "\(try far.take().get().thread)")
      try namespace.ip("address", "add", "\(Self.near)/24", "dev", "near0")
      try namespace.ip("link", "set", "near0", "up")
    } catch {
      isCabled.put(false)
      throw error
    }
    isCabled.put(true)
    _ = try server.take().get()
  }

  private static func listen(in namespace: NetworkNamespace, usesTimestamps: Bool) throws -> TestSocket {
    try namespace.ip("address", "add", "\(address.host)/24", "dev", "far0")
    try namespace.ip("link", "set", "far0", "up")
    try namespace.set("ipv4/tcp_timestamps", usesTimestamps ? "1" : "0")
    return try .listener(address)
  }
}
