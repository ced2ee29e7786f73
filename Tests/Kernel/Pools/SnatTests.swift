import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// A namespace whose own connections are translated: what is predicted to be left must be what the kernel then translates.
@Suite("Translated ports, on the real kernel", .networkNamespaces, .nftables, .serialized)
struct SnatTests {
  private static let server = SocketAddress("127.0.0.1", 8080)
  private static let other = SocketAddress("127.0.0.1", 8081)

  private static func snat(_ source: Scraper.SourceChoice) throws -> Snat {
    let proc = ProcFileSystem(view: .thread)
    let scraper = PoolScraper(
      ScraperConfiguration(proc: proc, source: source, tupleLimit: nil, snat: SnatOptions(readsCalmTables: true)))
    let snapshot = scraper.snapshot([.snat])
    try #require(snapshot.problems.isEmpty, "\(snapshot.problems)")
    return try #require(snapshot.own?[Snat.self])
  }

  /// The tuple to `server`, or what stands for one that holds no port.
  private static func use(_ snat: Snat, _ server: SocketAddress) -> SnatUse? {
    snat.table?.tuples.first { $0.tuple.destinationPort == server.port && $0.tuple.transport == .tcp }
  }

  private static var insertFailed: UInt64 {
    (try? Conntrack.Counters(reading: ProcFileSystem(view: .thread)))?.insertFailed ?? 0
  }

  /// Connects until the kernel finds no port: how many it translated before.
  private static func translatedConnects(to server: SocketAddress, limit: Int) throws -> (count: Int, sockets: [TestSocket]) {
    var sockets: [TestSocket] = []
    let before = insertFailed
    while sockets.count < limit {
      let socket = try TestSocket.client(to: server, waiting: false)
      sockets.append(socket)
      if insertFailed > before { return (sockets.count - 1, sockets) }
    }
    return (limit, sockets)
  }

  @Test("headroom is how many connections are translated before the first is dropped", arguments: [Scraper.SourceChoice.netlink, .proc])
  func headroom(source: Scraper.SourceChoice) async throws {
    let (full, free, passed, after) = try await NetworkNamespace.run(pool: nil) { _ in
      try PacketRules.translate(port: 8080, to: 30000...30099)
      let listeners = [try TestSocket.listener(Self.server), try TestSocket.listener(Self.other)]
      let clients = try TestSocket.clients(40, to: Self.server)
      let before = try Self.snat(source)
      let (full, free) = (Self.use(before, Self.server), Self.use(before, Self.other))
      let (passed, sockets) = try Self.translatedConnects(to: Self.server, limit: 101)
      let after = Self.use(try Self.snat(source), Self.server)
      withExtendedLifetime((listeners, clients, sockets)) {}
      return (full, free, passed, after)
    }
    #expect(full?.used == 40 && full?.capacity == 100 && full?.headroom == 60 && full?.failure == 0)
    #expect(free == nil)
    #expect(passed == 60)
    #expect(after?.headroom == 0 && after?.failure == 1)
  }

  @Test("the ports of a rule of iptables-legacy are read, and read again when rules are added", .legacyTables)
  func legacy() async throws {
    let (before, pools, use, passed, added) = try await NetworkNamespace.run(pool: nil) { _ in
      let scraper = PoolScraper(
        ScraperConfiguration(proc: ProcFileSystem(view: .thread), tupleLimit: nil, snat: SnatOptions(readsCalmTables: true)))
      let before = try #require(scraper.snapshot([.snat]).own?[Snat.self]).pools
      try PacketRules.translateByLegacy(port: 8080, to: 30000...30099)
      let listener = try TestSocket.listener(Self.server)
      let clients = try TestSocket.clients(40, to: Self.server)
      let snapshot = scraper.snapshot([.snat])
      #expect(snapshot.problems.isEmpty, "\(snapshot.problems)")
      let snat = try #require(snapshot.own?[Snat.self])
      let (passed, sockets) = try Self.translatedConnects(to: Self.server, limit: 101)
      try PacketRules.translateByLegacy(port: 8081, to: 31000...31009)
      let added = try #require(scraper.snapshot([.snat]).own?[Snat.self]).pools
      withExtendedLifetime((listener, clients, sockets)) {}
      return (before, snat.pools, Self.use(snat, Self.server), passed, added)
    }
    #expect(before.isEmpty)
    #expect(pools.map(\.ports) == [.range(try #require(PortRange(first: 30000, last: 30099)))] && pools.map(\.origin) == [.rules])
    #expect(use?.used == 40 && use?.headroom == 60)
    #expect(passed == 60)
    #expect(added.count == 2)
  }

  @Test("the gateway's own untranslated connections hold ports of the same pool", arguments: [Scraper.SourceChoice.netlink, .proc])
  func own(source: Scraper.SourceChoice) async throws {
    let (use, passed) = try await NetworkNamespace.run(pool: 30000...30099) { _ in
      // Connections that are marked are translated; the others keep the port that connect() gave them, out of the same hundred.
      try PacketRules.set(
        """
        table ip portpool {
          chain post {
            type nat hook postrouting priority srcnat;
            ip saddr 127.0.0.2 tcp dport 8080 snat to 127.0.0.1:30000-30099
          }
        }
        """)
      let listener = try TestSocket.listener(Self.server)
      let own = try TestSocket.clients(30, to: Self.server)
      let translated = try TestSocket.clients(20, to: Self.server, source: .addressOnly("127.0.0.2"))
      let use = Self.use(try Self.snat(source), Self.server)
      var (passed, sockets): (Int, [TestSocket]) = (0, [])
      let before = Self.insertFailed
      while passed < 101 {
        sockets.append(try TestSocket.client(to: Self.server, source: .addressOnly("127.0.0.2"), waiting: false))
        if Self.insertFailed > before { break }
        passed += 1
      }
      withExtendedLifetime((listener, own, translated, sockets)) {}
      return (use, passed)
    }
    #expect(use?.used == 50 && use?.headroom == 50)
    #expect(passed == 50)
  }

  @Test("the connections that are translated to a port are found by it, and those of the gateway itself are not")
  func translated() async throws {
    let (found, none) = try await NetworkNamespace.run(pool: nil) { _ in
      try PacketRules.translate(port: 8080, to: 30000...30000)
      let listener = try TestSocket.listener(Self.server)
      let client = try TestSocket.client(to: Self.server)
      let proc = ProcFileSystem(view: .thread)
      let found = try TranslatedPort(30000, [.tcp], reading: proc)
      let none = [try TranslatedPort(30000, [.udp], reading: proc), try TranslatedPort(8080, [.tcp], reading: proc)]
      withExtendedLifetime((listener, client)) {}
      return (found, none)
    }
    #expect(found.count == 1 && found.connections.first?.reply.source == IPAddress("127.0.0.1"))
    #expect(found.connections.first?.original.sourcePort != 30000)
    #expect(none.allSatisfy { $0.count == 0 })
  }

  @Test("the ports are those of the rule, read again when the rule changes")
  func rules() async throws {
    let (first, second) = try await NetworkNamespace.run(pool: nil) { _ in
      let scraper = PoolScraper(
        ScraperConfiguration(proc: ProcFileSystem(view: .thread), snat: SnatOptions(readsCalmTables: true)))
      try PacketRules.translate(port: 8080, to: 30000...30009)
      let first = scraper.snapshot([.snat]).own?[Snat.self]
      try PacketRules.translate(port: 8080, to: 20000...20999)
      return (first, scraper.snapshot([.snat]).own?[Snat.self])
    }
    #expect(first?.origins == [.rules] && first?.pools.map { $0.range(for: .tcp)?.count } == [10])
    #expect(second?.origins == [.rules] && second?.pools.map { $0.range(for: .tcp)?.count } == [1000])
  }
}
