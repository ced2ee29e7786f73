import PortModel
import Scraper
import TestSupport
import Testing

@Suite("UDP, on the real kernel", .networkNamespaces, .serialized)
struct UDPTests {
  private static let (sender, senderIPv6) = (SocketAddress("127.0.0.1", 9999), SocketAddress("::1", 9999))

  /// What is left to senders and wildcard binds of each family.
  private static func scenario(
    _ name: String, _ ipv4: Int, _ ipv6: Int, proc: Int? = nil, netlink: Int? = nil,
    _ arrange: @escaping @Sendable () throws -> [TestSocket]
  ) -> Scenario {
    let questions = [Question.send(to: sender), .bindUDP("0.0.0.0")].map { Answer($0, ipv4, proc: proc, netlink: netlink) }
    return Scenario(name, questions + [.send(to: senderIPv6), .bindUDP("::")].map { Answer($0, ipv6) }, arrange)
  }

  private static func bound(_ count: Int, _ host: String, isIPv6Only: Bool? = nil) -> @Sendable () throws -> [TestSocket] {
    { try (0..<count).map { _ in try .bound(.udp, to: SocketAddress(host), isIPv6Only: isIPv6Only) } }
  }

  private static func connected(_ count: Int, _ hosts: String...) -> @Sendable () throws -> [TestSocket] {
    { try (0..<count).map { try .client(.udp, to: SocketAddress(hosts[$0 % hosts.count], 9000)) } }
  }

  static let free = scenario("an empty pool", 100, 100) { [] }
  static let connections = scenario("40 connected to three destinations", 60, 60, connected(40, "127.0.0.1", "127.0.0.2", "127.0.0.3"))
  static let unicast = scenario("30 bound to 127.0.0.9", 70, 70, bound(30, "127.0.0.9"))
  static let wildcard = scenario("30 bound to 0.0.0.0", 70, 70, bound(30, "0.0.0.0"))
  static let dualStack = scenario("30 bound to dual-stack ::", 70, 70, bound(30, "::", isIPv6Only: false))
  static let mapped = scenario("30 bound to ::ffff:127.0.0.1", 70, 70, bound(30, "::ffff:127.0.0.1"))
  static let unicastIPv6 = scenario("30 bound to ::1", 100, 70, bound(30, "::1"))
  static let connectedIPv6 = scenario("30 connected to ::1", 70, 70, connected(30, "::1"))
  /// `/proc` takes them for dual-stack ones, and never tells of more than there is.
  static let ipv6Only = scenario("30 bound to an IPv6-only ::", 100, 70, proc: 70, bound(30, "::", isIPv6Only: true))
  /// Bound to ::1 and then connected: IPv6-only, which no table tells of a connected socket.
  static let boundAndConnectedIPv6 = scenario("30 bound to ::1, then connected", 100, 70, proc: 70, netlink: 70) {
    try TestSocket.clients(30, .udp, to: SocketAddress("::1", 9000), source: .bindFirst("::1"))
  }
  static let reserved =
    Scenario("reserved ports are not handed out", sysctls: ["ip_local_reserved_ports": "40000-40029"], .send(to: sender), 70) { [] }
  static let ipv6OnlyByDefault = Scenario(
    "with bindv6only an IPv6 sender meets no IPv4 socket", sysctls: ["../ipv6/bindv6only": "1"],
    [Answer(.send(to: sender), 70), Answer(.send(to: senderIPv6), 100)], connected(30, "127.0.0.1"))
  static let besideIPv6OnlyByDefault = Scenario(
    "with bindv6only an IPv6 sender meets IPv6 sockets, whatever they meet", sysctls: ["../ipv6/bindv6only": "1"], .send(to: senderIPv6), 85
  ) {
    // The fixed ports first: the kernel could give one of them to a socket that lets it choose.
    [
      try .bound(.udp, to: SocketAddress("::", 40091), isIPv6Only: false),
      try .bound(.udp, to: SocketAddress("::ffff:127.0.0.1", 40093), isIPv6Only: false),
    ] + (try TestSocket.clients(10, .udp, to: senderIPv6)) + (try bound(4, "::1")())
  }
  static let besideTCP = scenario("40 TCP clients", 100, 100) { [try .listener(a)] + (try TestSocket.clients(40, to: a)) }

  @Test(
    "what is predicted for both families is what the kernel gives, and never more",
    arguments: [
      free, connections, unicast, wildcard, dualStack, mapped, unicastIPv6, connectedIPv6, ipv6Only, boundAndConnectedIPv6, reserved,
      besideTCP, ipv6OnlyByDefault, besideIPv6OnlyByDefault,
    ])
  func predicted(scenario: Scenario) async throws {
    for answer in scenario.answers { #expect(answer.proc <= answer.left && answer.netlink <= answer.left) }
    try await scenario.run()
  }
}
