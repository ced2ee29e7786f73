import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

@Suite("connect() after TIME_WAIT, on the real kernel", .networkNamespaces, .serialized)
struct TimeWaitTests {
  private static let (near, far) = ("192.0.2.10", SocketAddress("192.0.2.20", 8080))

  private static let hasDelay = (try? FileReader.bytesIfPresent(of: "/proc/sys/net/ipv4/tcp_tw_reuse_delay")) != nil

  /// 40 connections of the client's side in TIME_WAIT, older than a second; 60 ports were never used.
  private static func loopback(_ sysctls: [String: String], _ left: Int) -> Scenario {
    Scenario("over loopback with \(Self.text(sysctls))", sysctls: sysctls, .connect(from: "127.0.0.1", to: a), left) {
      [try .clientTimeWait(40, to: a, age: 1.3)]
    }
  }

  /// The same between addresses that are not loopback ones.
  private static func other(_ sysctls: [String: String], _ left: Int) -> Scenario {
    Scenario(
      "between other addresses with \(Self.text(sysctls))", sysctls: sysctls, .connect(from: near, to: far, choice: .addressOnly(near)),
      left
    ) {
      for address in [near, far.host] {
        let outcome = try ChildProgram.run("ip", ["address", "add", "\(address)/32", "dev", "lo"])
        try #require(outcome.status == 0, "\(outcome)")
      }
      return [try .clientTimeWait(40, to: far, source: .addressOnly(near), age: 1.3)]
    }
  }

  private static func text(_ sysctls: [String: String]) -> String {
    sysctls.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  @Test(
    "a port in TIME_WAIT is given again where tcp_tw_reuse says so, and never without timestamps",
    arguments: [
      loopback(["tcp_tw_reuse": "0"], 60), loopback(["tcp_tw_reuse": "1"], 100), loopback(["tcp_tw_reuse": "2"], 100),
      loopback(["tcp_tw_reuse": "1", "tcp_timestamps": "0"], 60), loopback(["tcp_tw_reuse": "2", "tcp_timestamps": "0"], 60),
      other(["tcp_tw_reuse": "0"], 60), other(["tcp_tw_reuse": "1"], 100), other(["tcp_tw_reuse": "2"], 60),
      other(["tcp_tw_reuse": "1", "tcp_timestamps": "0"], 60),
    ])
  func modes(scenario: Scenario) async throws {
    try await scenario.run()
  }

  @Test(
    "a port in TIME_WAIT is not given again before tcp_tw_reuse_delay has passed",
    .enabled(if: hasDelay, "this kernel has no tcp_tw_reuse_delay"),
    arguments: [
      loopback(["tcp_tw_reuse": "1", "tcp_tw_reuse_delay": "58000"], 60),
      loopback(["tcp_tw_reuse": "1", "tcp_tw_reuse_delay": "500"], 100),
    ])
  func delay(scenario: Scenario) async throws {
    try await scenario.run()
  }

  static let others: [Scenario] = [
    Scenario("an IPv6 TIME_WAIT", sysctls: ["tcp_tw_reuse": "2"], .connect(from: "::1", to: SocketAddress("::1", 8080)), 100) {
      [try .clientTimeWait(40, to: SocketAddress("::1", 8080), age: 1.3)]
    },
    Scenario(
      "an IPv4-mapped TIME_WAIT", sysctls: ["tcp_tw_reuse": "2"],
      .connect(from: "::ffff:127.0.0.1", to: SocketAddress("::ffff:127.0.0.1", 8080)), 100
    ) {
      // The listener is an IPv4 one: clientTimeWait would make a mapped one.
      let listener = try TestSocket.listener(a)
      let clients = try TestSocket.clients(40, to: SocketAddress("::ffff:127.0.0.1", 8080))
      TestSocket.pause(0.1)
      let servers = listener.acceptAll()
      clients.forEach { $0.close() }
      TestSocket.pause(0.05)
      servers.forEach { $0.close() }
      TestSocket.pause(1.3)
      return [listener]
    },
    Scenario(
      "FIN_WAIT2 without an owner, older than a second", sysctls: ["tcp_tw_reuse": "1"], .connect(from: "127.0.0.1", to: a),
      KernelUnderTest.abilities[.reusesFinWait2] == true ? 100 : 75
    ) {
      let made = try TestSocket.established(25, to: a)
      made.clients.forEach { $0.close() }
      TestSocket.pause(1.3)
      return [made.listener] + made.servers
    },
    Scenario(
      "TIME_WAIT of the server's side holds the listener's port only", sysctls: ["tcp_tw_reuse": "0"], .connect(from: "127.0.0.1", to: a),
      100
    ) {
      [try .serverTimeWait(40, to: a)]
    },
    Scenario(
      "TIME_WAIT of the second before", sysctls: ["tcp_tw_reuse": "1"], isBrief: true, .connect(from: "127.0.0.1", to: a),
      KernelUnderTest.abilities[.countsMilliseconds] == false ? 100 : 85
    ) {
      let made = try TestSocket.established(15, to: a)
      MonotonicClock.sleep(untilMillisecond: 750)
      made.clients.forEach { $0.close() }
      TestSocket.pause(0.02)
      made.servers.forEach { $0.close() }
      MonotonicClock.sleep(untilMillisecond: 30)
      return [made.listener]
    },
    Scenario("TIME_WAIT holds no port of another destination", sysctls: ["tcp_tw_reuse": "0"], .connect(from: "127.0.0.2", to: b), 100) {
      [try .clientTimeWait(40, to: a), try .listener(b)]
    },
    Scenario("TIME_WAIT and live connections of one tuple", sysctls: ["tcp_tw_reuse": "2"], .connect(from: "127.0.0.1", to: a), 80) {
      let listener = try TestSocket.clientTimeWait(40, to: a, age: 1.3)
      // The first parity has ten ports that were never used; these take them, and then old ones.
      return [listener] + (try TestSocket.clients(20, to: a))
    },
  ]

  @Test("what is predicted is what the kernel gives", arguments: others)
  func predicted(scenario: Scenario) async throws {
    try await scenario.run()
  }

  @Test(
    "timestamps that were switched within the last minute make reuse uncertain, and a remark says so",
    arguments: [("0", "off"), ("1", "on")])
  func switchedTimestamps(value: String, word: String) async throws {
    let remarks = try await NetworkNamespace.run(sysctls: ["ipv4/tcp_timestamps": value == "0" ? "1" : "0"]) { namespace in
      let scraper = Scenario.scraper(.netlink)
      let before = scraper.snapshot().remarks
      try namespace.set("ipv4/tcp_timestamps", value)
      return [before, scraper.snapshot().remarks, scraper.snapshot().remarks]
    }
    #expect(remarks[0].isEmpty && remarks[1].count == 1 && remarks[1] == remarks[2])
    #expect(remarks[1].first?.hasPrefix("net.ipv4.tcp_timestamps was switched \(word) within the last minute") == true, "\(remarks)")
  }

  @Test("ports come back within a minute: all of them within 60 seconds, none within 30")
  func returning() async throws {
    let pools = try await NetworkNamespace.run(sysctls: ["ipv4/tcp_tw_reuse": "0"]) { _ in
      let listener = try TestSocket.clientTimeWait(12, to: a)
      defer { listener.close() }
      return Scenario.snapshot().namespaces[0]
    }
    #expect(pools.tcp?.pressure?.connect.tuples.map(\.returning) == [[0, 0, 0, 12]])
    #expect(pools.tcp?.pressure?.usage[.closing] == 12)
  }
}
