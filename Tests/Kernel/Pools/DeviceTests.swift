import PortModel
import Scraper
import TestSupport
import Testing

/// A connect() on a device, by `SO_BINDTODEVICE` or to a link-local address, meets the sockets of that device and those on none; any other
/// connect() meets only those on none. `/proc` does not tell devices.
@Suite("connect() on a device, on the real kernel", .networkNamespaces, .serialized)
struct DeviceTests {
  /// What is left on no device and on `lo`: as inet_diag predicts it, and as the kernel gives it.
  private struct Left: Hashable {
    var none: [Int?] = []
    var loopback: [Int?] = []
  }

  private func left(_ arrange: @escaping @Sendable () throws -> [TestSocket]) async throws -> (left: Left, worst: String?) {
    try await NetworkNamespace.run { _ in
      let listener = try TestSocket.listener(a)
      let sockets = try arrange()
      defer { withExtendedLifetime((listener, sockets)) {} }
      let connect = Scenario.snapshot(.netlink).namespaces[0].tcp?.pressure?.connect
      func predicted(_ zone: String?) -> Int? {
        connect?.tuples.first { $0.tuple == Tuple(source: .loopbackIPv4, destination: .loopbackIPv4, destinationPort: a.port, zone: zone) }?
          .headroom
      }
      func observed(isOnDevice: Bool) -> Int? {
        let refusal = Refusal.after { () throws(SystemCallFailure) in try Self.client(isOnDevice: isOnDevice) }
        return refusal.description.split(separator: ",").first.flatMap { Int($0) }
      }
      // What is closed stays in FIN_WAIT2, which on the device is in nobody else's way.
      let loopback = [predicted("lo"), observed(isOnDevice: true)]
      return (Left(none: [predicted(nil), observed(isOnDevice: false)], loopback: loopback), connect?.worst[.ipv4]?.tuple.arrow)
    }
  }

  private static func client(isOnDevice: Bool) throws(SystemCallFailure) -> TestSocket {
    let socket = try TestSocket(.tcp)
    if isOnDevice { try socket.set(SOL_SOCKET, SO_BINDTOIFINDEX, 1) }
    try socket.connect(a, waiting: false)
    return socket
  }

  private static var SOL_SOCKET: Int32 { 1 }
  private static var SO_BINDTOIFINDEX: Int32 { 62 }

  @Test("clients on a device leave all other connects the whole pool")
  func onDevice() async throws {
    let seen = try await left { try (0..<30).map { _ in try Self.client(isOnDevice: true) } }
    #expect(seen.left == Left(none: [nil, 100], loopback: [70, 70]))
    #expect(seen.worst == "127.0.0.1%lo → 127.0.0.1:8080")
  }

  @Test("clients on no device are in the way of those on one")
  func both() async throws {
    let seen = try await left {
      try TestSocket.clients(20, to: a) + (try (0..<30).map { _ in try Self.client(isOnDevice: true) })
    }
    #expect(seen.left == Left(none: [80, 80], loopback: [50, 50]))
    #expect(seen.worst == "127.0.0.1%lo → 127.0.0.1:8080")
  }

  @Test("a port that a client on a device and one on none hold counts once")
  func shared() async throws {
    let seen = try await left {
      try (0..<60).map { _ in try Self.client(isOnDevice: true) } + (try TestSocket.clients(60, to: a))
    }
    // Both take all ports of the first parity, and 10 of the second by chance.
    #expect(seen.left.none == [40, 40])
    #expect(seen.left.loopback.count == 2 && seen.left.loopback.first == seen.left.loopback.last && 30...40 ~= seen.left.loopback[0] ?? 0)
  }
}
