import TestSupport
import Testing

@Suite("bind() to port 0, on the real kernel", .networkNamespaces, .serialized)
struct BindTests {
  /// What is left on each of several addresses.
  private static func scenario(
    _ name: String, _ left: [(host: String, left: Int)], proc: Int? = nil, unlisted: Int? = nil,
    _ arrange: @escaping @Sendable () throws -> [TestSocket]
  ) -> Scenario {
    Scenario(name, left.map { Answer(.bind($0.host), $0.left, proc: proc, unlisted: unlisted) }, arrange)
  }

  static let clients = scenario(
    "40 clients of 127.0.0.1", [("127.0.0.1", 60), ("127.0.0.7", 100), ("0.0.0.0", 60), ("::", 60), ("::1", 100)]
  ) { [try .listener(a)] + (try TestSocket.clients(40, to: a)) }

  static let clientsIPv6 = scenario("25 clients of ::1", [("127.0.0.1", 100), ("0.0.0.0", 75), ("::", 75), ("::1", 75)]) {
    let destination = SocketAddress("::1", 8080)
    return [try .listener(destination)] + (try TestSocket.clients(25, to: destination))
  }

  static let mapped = scenario(
    "30 IPv4-mapped clients", [("127.0.0.1", 70), ("127.0.0.7", 100), ("0.0.0.0", 70), ("::", 70), ("::1", 100)]
  ) {
    [try .listener(a)] + (try TestSocket.clients(30, to: SocketAddress("::ffff:127.0.0.1", 8080)))
  }

  static let listeners = scenario(
    "listeners on 127.0.0.1, ::1 and dual-stack ::", [("0.0.0.0", 98), ("127.0.0.1", 98), ("127.0.0.9", 99), ("::", 97), ("::1", 98)]
  ) { try TestSocket.listeners([SocketAddress("127.0.0.1", 40003), SocketAddress("::1", 40005), SocketAddress("::", 40007)]) }

  static let timeWait = scenario("40 in TIME_WAIT, reusable", [("127.0.0.1", 60), ("127.0.0.7", 100), ("0.0.0.0", 60)]) {
    [try .clientTimeWait(40, to: a, age: 1.3)]
  }

  /// `/proc` takes it for a dual-stack one, and never tells of more than there is.
  static let ipv6Only = scenario(
    "an IPv6-only listener on ::", [("0.0.0.0", 100), ("127.0.0.1", 100), ("::", 99), ("::1", 99)], proc: 99
  ) { [try .listener(SocketAddress("::", 40030), isIPv6Only: true)] }

  /// `/proc` does not show them: an upper bound.
  static let bound = scenario("10 bound to 127.0.0.1", [("127.0.0.1", 90), ("0.0.0.0", 90)], proc: 100, unlisted: 100) {
    try (0..<10).map { _ in try .bound(to: SocketAddress("127.0.0.1")) }
  }

  /// What an IPv6-only listener accepts is IPv6-only as well; its client is not.
  static let accepted = scenario(
    "3 connections accepted by an IPv6-only listener", [("0.0.0.0", 97), ("127.0.0.1", 100), ("::", 96), ("::1", 96)]
  ) {
    let made = try TestSocket.established(3, to: SocketAddress("::1", 40050))
    return made.sockets
  }

  /// Closed by the server: its TIME_WAIT is IPv6-only as the connection was.
  static let acceptedTimeWait = scenario("3 such in TIME_WAIT", [("0.0.0.0", 100), ("::", 99)]) {
    [try .serverTimeWait(3, to: SocketAddress("::1", 40050))]
  }

  static let acceptedDual = Scenario("3 connections accepted by a dual-stack listener", .bind("0.0.0.0"), 96) {
    let listener = try TestSocket.listener(SocketAddress("::", 40050), isIPv6Only: false)
    return [listener] + (try TestSocket.clients(3, to: SocketAddress("::1", 40050)))
  }

  static let reserved =
    Scenario("reserved ports are not handed out", sysctls: ["ip_local_reserved_ports": "40000-40029"], .bind("127.0.0.1"), 70) { [] }

  @Test(
    "what is predicted for an address is what the kernel gives there",
    arguments: [clients, clientsIPv6, mapped, listeners, timeWait, ipv6Only, bound, accepted, acceptedTimeWait, acceptedDual, reserved])
  func predicted(scenario: Scenario) async throws {
    try await scenario.run()
  }
}
