import PortModel
import Scraper
import TestSupport
import Testing

/// Ports with an owner that bound before it connected are given to no connect(), whatever the destination. `/proc` shows none of that,
/// and inet_diag only what a program chose by number or has not connected yet; for the rest headroom is an upper bound.
@Suite("connect() beside sockets that bind first, on the real kernel", .networkNamespaces, .serialized)
struct ExplicitBindTests {
  static let scenarios: [Scenario] = [
    Scenario("a client with a fixed port", .connect(from: "127.0.0.1", to: a), 97, proc: 100) {
      [try .listener(a), try .listener(b)] + (try (40020...40022).map { try .client(to: b, source: .fixed("127.0.0.1", $0)) })
    },
    Scenario("an IPv6 client with a fixed port", .connect(from: "127.0.0.1", to: a), 99, proc: 100) {
      let other = SocketAddress("::1", 8080)
      return [try .listener(a), try .listener(other), try .client(to: other, source: .fixed("::1", 40020))]
    },
    Scenario("a socket that is bound to a port and nothing more", .connect(from: "127.0.0.1", to: a), 99, proc: 100, unlisted: 100) {
      [try .listener(a), try .bound(to: SocketAddress("127.0.0.9", 40020))]
    },
    Scenario("sockets that are bound to any port and nothing more", .connect(from: "127.0.0.1", to: a), 90, proc: 100, unlisted: 100) {
      [try .listener(a)] + (try (0..<10).map { _ in try .bound(to: SocketAddress("127.0.0.1")) })
    },
    Scenario("clients that bind to an address first", .connect(from: "127.0.0.1", to: a), 97, proc: 100, netlink: 100) {
      [try .listener(a), try .listener(b)] + (try TestSocket.clients(3, to: b, source: .bindFirst("0.0.0.0")))
    },
    Scenario("clients that bind to an address first and go to the same destination", .connect(from: "127.0.0.1", to: a), 97) {
      [try .listener(a)] + (try TestSocket.clients(3, to: a, source: .bindFirst("127.0.0.1")))
    },
    Scenario("clients that bind with IP_BIND_ADDRESS_NO_PORT", .connect(from: "127.0.0.1", to: a), 100) {
      [try .listener(a), try .listener(b)] + (try TestSocket.clients(30, to: b, source: .addressOnly("127.0.0.1")))
    },
    Scenario(
      "the TIME_WAIT of a client with a fixed port", sysctls: ["tcp_tw_reuse": "0"], .connect(from: "127.0.0.1", to: a), 99, proc: 100,
      netlink: 100
    ) {
      [try .listener(a), try TestSocket.clientTimeWait(1, to: b, source: .fixed("127.0.0.1", 40020))]
    },
  ]

  @Test("what is predicted is what the kernel gives, or more where no source can tell", arguments: scenarios)
  func predicted(scenario: Scenario) async throws {
    for answer in scenario.answers { #expect(answer.proc >= answer.left && answer.netlink >= answer.left) }
    try await scenario.run()
  }

  @Test("bound sockets are a state of their own for inet_diag, and hold their ports", .boundSocketsListed)
  func uses() async throws {
    let tcp = try await NetworkNamespace.run { _ in
      let sockets = [
        try TestSocket.listener(b), try .bound(to: SocketAddress("127.0.0.9", 40020)), try .bound(to: SocketAddress("::1", 40021)),
      ]
      let client = try TestSocket.client(to: b, source: .fixed("127.0.0.1", 40022))
      defer { withExtendedLifetime((sockets, client)) {} }
      return Scenario.snapshot(.netlink).namespaces[0]
    }
    #expect(tcp.tcp?.pressure?.usage[.bound] == 3)
    #expect(tcp.tcp?.pressure?.blocked == 3)
    #expect(tcp.socketCounts.filter { $0.state == "bound" && $0.count > 0 }.map(\.count) == [1, 1])
  }

  @Test("a scraper follows ports that programs choose, from none to some and back, beside connections that come and go")
  func comingAndGoing() async throws {
    let blocked = try await NetworkNamespace.run { _ in
      let scraper = Scenario.scraper(.netlink)
      var blocked: [Int?] = []
      func look() { blocked.append(scraper.snapshot([.tcp]).namespaces[0].tcp?.pressure?.blocked) }
      var held = [try TestSocket.listener(a), try .listener(b)]
      look()
      held += try TestSocket.clients(5, to: b)
      look()
      // Of the second parity, which no connect() is given while the first has room.
      let chosen = try [40021, 40023].map { try TestSocket.client(to: b, source: .fixed("127.0.0.1", $0)) }
      look()
      held += try TestSocket.clients(5, to: a)
      look()
      try chosen.forEach { socket in
        try socket.resetOnClose()
        socket.close()
      }
      look()
      look()
      withExtendedLifetime(held) {}
      return blocked
    }
    #expect(blocked == [0, 0, 2, 2, 0, 0])
  }

  @Test(
    "a connection from a chosen port that was reset between two scrapes, and is kept, is found after some more of them",
    .boundSocketsListed)
  func resetAndKept() async throws {
    let blocked = try await NetworkNamespace.run { _ in
      let scraper = Scenario.scraper(.netlink)
      func look() -> Int? { scraper.snapshot([.tcp]).namespaces[0].tcp?.pressure?.blocked }
      let listener = try TestSocket.listener(b)
      let before = look()
      let client = try TestSocket.client(to: b, source: .fixed("127.0.0.1", 40020))
      TestSocket.pause(0.05)
      try listener.acceptAll().forEach { server in
        try server.resetOnClose()
        server.close()
      }
      TestSocket.pause(0.05)
      let after = (0..<10).map { _ in look() }
      let atOnce = Scenario.snapshot(.netlink).namespaces[0].tcp?.pressure?.blocked
      withExtendedLifetime((listener, client)) {}
      return (before: before, atOnce: atOnce, last: after.last ?? nil)
    }
    #expect(blocked.before == 0 && blocked.atOnce == 1 && blocked.last == 1)
  }
}
