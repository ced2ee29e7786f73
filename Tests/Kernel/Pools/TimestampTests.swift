import PortModel
import Scraper
import TestSupport
import Testing

/// With `tcp_tw_reuse` the kernel takes a TIME_WAIT over only if its connection used timestamps, which the peer decides.
@Suite("TIME_WAIT towards other hosts, on the real kernel", .networkNamespaces, .serialized)
struct TimestampTests {
  /// What is said of the tuple, and how many connects the kernel then allows.
  private struct Seen: Hashable {
    let headroom: Int?
    let leastHeadroom: Int?
    let usesTimestamps: Bool?
    let isUncertain: Bool?

    init(_ scraper: PoolScraper) {
      let namespace = scraper.snapshot([.tcp]).namespaces[0]
      let tuple = namespace.tcp?.pressure?.connect.pessimistic[.ipv4]
      (headroom, leastHeadroom, usesTimestamps) = (tuple?.headroom, tuple?.leastHeadroom, tuple?.usesTimestamps)
      isUncertain = namespace.pools.first { $0.id == .connectIPv4 }?.isUncertain
    }

    init(_ headroom: Int, least: Int? = nil, usesTimestamps: Bool?, isUncertain: Bool = false) {
      self.headroom = headroom
      leastHeadroom = least ?? headroom
      self.usesTimestamps = usesTimestamps
      self.isUncertain = isUncertain
    }
  }

  private struct Course: Hashable {
    let netlink: Seen
    /// A scraper that saw the connections while they were open.
    let watcher: Seen
    let proc: Seen
    let sample: PeakSample
    let allowed: String
  }

  /// 60 connections to another host of which `open` stay; the others are in TIME_WAIT for longer than a second.
  private func course(usesTimestamps: Bool, open: Int) async throws -> Course {
    // On a busy machine the peer repeats its FIN, and a reset answers the second ACK: without this it would end TIME_WAIT (RFC 1337).
    try await NetworkNamespace.run(sysctls: ["ipv4/tcp_tw_reuse": "1", "ipv4/tcp_rfc1337": "1"]) { namespace in
      let host = try DistantHost(in: namespace, usesTimestamps: usesTimestamps)
      let clients = try TestSocket.clients(60, to: DistantHost.address)
      let watcher = Scenario.scraper(.netlink)
      _ = watcher.snapshot([.tcp])
      clients.dropFirst(open).forEach { $0.close() }
      for _ in 0..<200 {
        if Scenario.snapshot().namespaces[0].tcp?.sockets.total(.timeWait) == 60 - open { break }
        TestSocket.pause(0.05)
      }
      TestSocket.pause(1.3)
      let (netlink, proc) = (Seen(Scenario.scraper(.netlink)), Seen(Scenario.scraper(.proc)))
      let course = Course(
        netlink: netlink, watcher: Seen(watcher), proc: proc, sample: try watcher.sample(),
        allowed: Question.connect(from: DistantHost.near, to: DistantHost.address).observed().description)
      withExtendedLifetime((host, clients)) {}
      return course
    }
  }

  @Test("a peer without timestamps: an open connection says so, and no TIME_WAIT counts as free")
  func off() async throws {
    let seen = try await course(usesTimestamps: false, open: 20)
    let right = Seen(40, usesTimestamps: false)
    #expect(
      seen
        == Course(
          netlink: right, watcher: right, proc: Seen(80, least: 40, usesTimestamps: nil, isUncertain: true),
          sample: .walked(used: 60, capacity: 100), allowed: "40, then EADDRNOTAVAIL"))
  }

  @Test("a peer with timestamps: an open connection says so, and headroom is certain")
  func on() async throws {
    let seen = try await course(usesTimestamps: true, open: 20)
    let right = Seen(80, usesTimestamps: true)
    #expect(
      seen
        == Course(
          netlink: right, watcher: right, proc: Seen(80, least: 40, usesTimestamps: nil, isUncertain: true),
          sample: .walked(used: 20, capacity: 100), allowed: "80, then EADDRNOTAVAIL"))
  }

  @Test("without an open connection nothing says so, but to a scraper that saw one: headroom has a lower end")
  func closed() async throws {
    let seen = try await course(usesTimestamps: false, open: 0)
    let unknown = Seen(100, least: 40, usesTimestamps: nil, isUncertain: true)
    #expect(
      seen
        == Course(
          netlink: unknown, watcher: Seen(40, usesTimestamps: false), proc: unknown, sample: .walked(used: 60, capacity: 100),
          allowed: "40, then EADDRNOTAVAIL"))
  }
}
