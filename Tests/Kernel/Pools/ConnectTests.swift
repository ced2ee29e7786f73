import PortModel
import Scraper
import TestSupport
import Testing

@Suite("connect() without a port, on the real kernel", .networkNamespaces, .serialized)
struct ConnectTests {
  static let tuples: [Scenario] = [
    Scenario("an empty pool", .connect(from: "127.0.0.1", to: a), 100) { [try .listener(a)] },
    Scenario("a tuple that has used half", .connect(from: "127.0.0.1", to: a), 50) {
      [try .listener(a)] + (try TestSocket.clients(50, to: a))
    },
    Scenario("another destination", .connect(from: "127.0.0.2", to: b), 100) {
      [try .listener(a), try .listener(b)] + (try TestSocket.clients(70, to: a))
    },
    Scenario("another port of the same destination", .connect(from: "127.0.0.1", to: SocketAddress("127.0.0.1", 8081)), 100) {
      [try .listener(a), try .listener(SocketAddress("127.0.0.1", 8081))] + (try TestSocket.clients(70, to: a))
    },
    Scenario("another source address", .connect(from: "127.0.0.3", to: a, choice: .addressOnly("127.0.0.3")), 80) {
      [try .listener(a)] + (try TestSocket.clients(30, to: a)) + (try TestSocket.clients(20, to: a, source: .addressOnly("127.0.0.3")))
    },
    Scenario("IPv6 beside IPv4", .connect(from: "::1", to: SocketAddress("::1", 8080)), 70) {
      let destination = SocketAddress("::1", 8080)
      return [try .listener(a), try .listener(destination)] + (try TestSocket.clients(10, to: a))
        + (try TestSocket.clients(30, to: destination))
    },
    Scenario("IPv4-mapped connections are in the way of IPv4", .connect(from: "127.0.0.1", to: a), 60) {
      [try .listener(a)] + (try TestSocket.clients(40, to: SocketAddress("::ffff:127.0.0.1", 8080)))
    },
    Scenario(
      "IPv4 connections are in the way of IPv4-mapped ones",
      .connect(from: "::ffff:127.0.0.1", to: SocketAddress("::ffff:127.0.0.1", 8080)), 60
    ) {
      [try .listener(a)] + (try TestSocket.clients(40, to: a))
    },
  ]

  static let settings: [Scenario] = [
    Scenario(
      "reserved ports are not handed out", sysctls: ["ip_local_reserved_ports": "1000,40010-40019,50000"],
      .connect(from: "127.0.0.1", to: a), 85
    ) { [try .listener(a)] + (try TestSocket.clients(5, to: a)) },
    Scenario(
      "a reserved pool has nothing", sysctls: ["ip_local_reserved_ports": "40000-40099"], .connect(from: "127.0.0.1", to: a), 0
    ) { [try .listener(a)] },
    Scenario("a range of one port", pool: 40000...40000, .connect(from: "127.0.0.1", to: a), 1) { [try .listener(a)] },
    Scenario("a range of two ports", pool: 40001...40002, .connect(from: "127.0.0.1", to: a), 1) {
      [try .listener(a)] + (try TestSocket.clients(1, to: a))
    },
    Scenario("a range with an odd low end", pool: 40001...40100, .connect(from: "127.0.0.1", to: a), 40) {
      [try .listener(a)] + (try TestSocket.clients(60, to: a))
    },
    Scenario("a range of several words", pool: 40000...40399, .connect(from: "127.0.0.1", to: a), 150) {
      [try .listener(a)] + (try TestSocket.clients(250, to: a))
    },
  ]

  static let listeners: [Scenario] = [
    Scenario("listeners inside the range take their ports from all", .connect(from: "127.0.0.1", to: a), 91) {
      try TestSocket.listeners([a, SocketAddress("127.0.0.1", 40050), SocketAddress("127.0.0.9", 40051), SocketAddress("0.0.0.0", 40052)])
        + TestSocket.listeners([SocketAddress("::", 40053)]) + TestSocket.clients(5, to: a)
    },
    Scenario("an IPv6 listener takes its port from IPv4 too", .connect(from: "127.0.0.1", to: a), 99) {
      try TestSocket.listeners([a, SocketAddress("::1", 40050)])
    },
    Scenario("connections to a listener inside the range hold its one port", .connect(from: "127.0.0.1", to: a), 94) {
      let inside = SocketAddress("127.0.0.1", 40050)
      let made = try TestSocket.established(20, to: inside, source: .addressOnly("127.0.0.3"))
      return made.sockets + [try .listener(a)] + (try TestSocket.clients(5, to: a))
    },
  ]

  static let states: [Scenario] = [
    Scenario("SYN_SENT holds its port", .connect(from: "127.0.0.1", to: a), 90) { try TestSocket.synSent(10, to: a).sockets },
    Scenario("FIN_WAIT1 holds its port", .connect(from: "127.0.0.1", to: a), 95) { try TestSocket.finWait1(5, to: a) },
    Scenario("FIN_WAIT2 holds its port", .connect(from: "127.0.0.1", to: a), 75) { try TestSocket.halfClosed(25, to: a).sockets },
    Scenario("CLOSE_WAIT holds its port", .connect(from: "127.0.0.1", to: a), 75) { try TestSocket.closeWait(25, to: a) },
    Scenario("LAST_ACK holds its port", .connect(from: "127.0.0.1", to: a), 95) { try TestSocket.lastACK(5, to: a) },
    Scenario("CLOSING holds its port", .connect(from: "127.0.0.1", to: a), 95) { try TestSocket.closing(5, to: a) },
  ]

  @Test("what is predicted is what the kernel gives", arguments: tuples + settings + listeners + states)
  func predicted(scenario: Scenario) async throws {
    try await scenario.run()
  }

  @Test(
    "the scenarios of the states are in those states",
    arguments: [("syn_sent", 0), ("fin_wait1", 1), ("fin_wait2", 2), ("close_wait", 3), ("last_ack", 4), ("closing", 5)])
  func stateIsReached(state: String, index: Int) async throws {
    let scenario = Self.states[index]
    let count = try await NetworkNamespace.run { _ in
      let sockets = try scenario.arrange()
      defer { withExtendedLifetime(sockets) {} }
      return Scenario.snapshot().namespaces[0].socketCounts.filter { $0.state == state && $0.range == .registered }.reduce(0) {
        $0 + $1.count
      }
    }
    #expect(count >= 100 - scenario.answers[0].left)
  }

  @Test("of a range with an odd number of ports each connect() passes over one of its ends: headroom is an upper bound by one port")
  func oddSize() async throws {
    let (predicted, observed) = try await NetworkNamespace.run(pool: 40000...40100) { _ in
      let listener = try TestSocket.listener(a)
      defer { listener.close() }
      let question = Question.connect(from: "127.0.0.1", to: a)
      return (question.predicted(Scenario.snapshot().namespaces[0]), question.observed())
    }
    #expect(predicted == 101)
    #expect((100...101).contains(observed.count))
    #expect(observed.description.hasSuffix("EADDRNOTAVAIL"))
  }
}
