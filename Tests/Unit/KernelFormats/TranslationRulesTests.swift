import KernelFormats
import PortModel
import TestSupport
import Testing

@Suite("Rules of address translation")
struct TranslationRulesTests {
  private static func pools(_ dump: String) throws -> Set<SnatPool> {
    var decoder = TranslationRulesDecoder(sequence: 7)
    var (pools, end): (Set<SnatPool>, NetlinkDump.Progress) = ([], .more)
    for datagram in try RecordedConntrack.datagrams(dump) where end == .more { end = try decoder.decode(datagram.span, into: &pools) }
    #expect(end == .done && !decoder.isInterrupted)
    return pools
  }

  private static func pool(
    _ transports: Set<TrackedProtocol>, _ family: AddressFamily?, _ first: String?, _ last: String?, _ ports: SnatPool.Ports
  ) -> SnatPool {
    let addresses = first.flatMap { IPAddress($0) }.map { $0...(last.flatMap { IPAddress($0) } ?? $0) }
    return SnatPool(transports: transports, family: family, addresses: addresses, ports: ports, origin: .rules)
  }

  private static func pool(_ transports: Set<TrackedProtocol>, _ family: AddressFamily?, _ ports: SnatPool.Ports) -> SnatPool {
    pool(transports, family, nil, nil, ports)
  }

  private static func ports(_ first: Port, _ last: Port) -> SnatPool.Ports {
    PortRange(first: first, last: last).map { .range($0) } ?? .unreadable
  }

  @Test("masquerade with ports, for protocols in a set, for ICMP, and over IPv6; DNAT and filters are none")
  func masquerade() throws {
    #expect(
      try Self.pools("rules-nft") == [
        Self.pool([.tcp, .udp], .ipv4, Self.ports(40000, 40099)), Self.pool([.icmp], .ipv4, .every),
        Self.pool([.tcp], .ipv6, Self.ports(40000, 40099)),
      ])
  }

  @Test("snat to one address and to several, ports from maps, and rules of a table for both families")
  func snat() throws {
    #expect(
      try Self.pools("rules-snat") == [
        Self.pool([.udp], .ipv4, "10.2.0.1", nil, Self.ports(20000, 20999)),
        Self.pool([.tcp], .ipv4, "10.2.0.2", "10.2.0.3", Self.ports(40000, 40099)),
        Self.pool([.tcp], .ipv4, "10.2.0.3", nil, .every),
        Self.pool([.tcp], .ipv4, "10.2.0.1", nil, Self.ports(5000, 5000)),
        Self.pool([.tcp], .ipv4, .unreadable),
        Self.pool([.icmp], nil, .every),
        Self.pool([.tcp], .ipv6, "fd02::1", nil, Self.ports(40000, 40099)),
        Self.pool([], nil, .every),
      ])
  }

  @Test("what iptables-nft writes, as expressions and as targets")
  func iptables() throws {
    #expect(
      try Self.pools("rules-iptables") == [
        Self.pool([.tcp], .ipv4, Self.ports(40000, 40099)),
        Self.pool([.udp], .ipv4, "10.2.0.1", nil, Self.ports(20000, 20999)),
        Self.pool([], .ipv4, "10.2.0.2", "10.2.0.3", .every),
        Self.pool([], .ipv4, .every),
        Self.pool([.tcp], .ipv6, "fd02::1", nil, Self.ports(40000, 40099)),
      ])
  }

  private static func legacyPools(_ entries: [UInt8], _ family: AddressFamily) throws(FormatError) -> Set<SnatPool> {
    let span = entries.span
    return try LegacyRulesFormat.pools(span, family: family)
  }

  @Test("what iptables-legacy has, for both families, in its own chains too")
  func legacy() throws {
    let own = Set(TrackedProtocol.allCases).subtracting([.udp])
    #expect(
      try Self.legacyPools(Fixture("netfilter/legacy-ipv4.table").bytes(), .ipv4) == [
        Self.pool([.tcp], .ipv4, Self.ports(40000, 40099)),
        Self.pool([.udp], .ipv4, "10.2.0.1", "10.2.0.4", Self.ports(20000, 20999)),
        Self.pool([], .ipv4, "10.2.0.9", nil, .every),
        Self.pool(own, .ipv4, .every),
      ])
    #expect(
      try Self.legacyPools(Fixture("netfilter/legacy-ipv6.table").bytes(), .ipv6) == [
        Self.pool([.tcp], .ipv6, Self.ports(40000, 40099)),
        Self.pool([.udp], .ipv6, "fd02::1", "fd02::4", Self.ports(20000, 20999)),
        Self.pool([], .ipv6, "fd02::9", nil, .every),
        Self.pool(own, .ipv6, .every),
      ])
  }

  @Test(
    "a legacy entry that is longer than its table, or shorter than itself, is an error with its place",
    arguments: [
      (90, [0, 0], "next_offset", 91), (90, [0xFF, 0xFF], "next_offset", 91), (88, [4, 0], "target_offset", 89),
      (112, [31, 0], "target_size", 113), (112, [0xFF, 1], "target_size", 113),
    ] as [(Int, [UInt8], String, Int)])
  func brokenLegacy(place: Int, bytes: [UInt8], field: String, column: Int) throws {
    var table = try Fixture("netfilter/legacy-ipv4.table").bytes()
    table.replaceSubrange(place..<place + 2, with: bytes)
    // The first rule's target is at 160, the others' at 112.
    if field == "target_size" { table.replaceSubrange(88..<90, with: [112, 0]) }
    let error = #expect(throws: FormatError.self) { try Self.legacyPools(table, .ipv4) }
    #expect(error?.field == field && error?.column == column && error?.line == 1)
  }

  @Test("a legacy table that ends early is an error, wherever it ends")
  func shortLegacy() throws {
    let table = try Fixture("netfilter/legacy-ipv6.table").bytes()
    var complete = 0
    for count in 1..<table.count {
      do { _ = try Self.legacyPools(Array(table[..<count]), .ipv6) } catch { continue }
      complete += 1
    }
    // Between two entries nothing is missing.
    #expect(complete == 12)
  }

  @Test("a legacy table with any bytes in it gives pools of its family or an error inside of it", arguments: 0..<20 as Range<UInt64>)
  func hostileLegacy(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    for (name, family) in [("legacy-ipv4", AddressFamily.ipv4), ("legacy-ipv6", .ipv6)] {
      let table = try Fixture("netfilter/\(name).table").bytes()
      for _ in 0..<200 {
        var broken = table
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          broken[Int.random(in: 0..<broken.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        do {
          let pools = try Self.legacyPools(broken, family)
          #expect(pools.allSatisfy { $0.family == family })
        } catch {
          #expect((1...table.count).contains(error.column) && (1...13).contains(error.line))
        }
      }
    }
  }

  @Test("the generation is a number, and the acknowledgement behind it is its end")
  func generation() throws {
    var decoder = RuleGenerationDecoder(sequence: 7)
    var end = NetlinkDump.Progress.more
    for datagram in try RecordedConntrack.datagrams("generation") where end == .more { end = try decoder.decode(datagram.span) }
    #expect(end == .done)
    #expect(try #require(decoder.generation) > 1)
  }
}
