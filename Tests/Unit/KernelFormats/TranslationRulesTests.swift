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

  @Test("the generation is a number, and the acknowledgement behind it is its end")
  func generation() throws {
    var decoder = RuleGenerationDecoder(sequence: 7)
    var end = NetlinkDump.Progress.more
    for datagram in try RecordedConntrack.datagrams("generation") where end == .more { end = try decoder.decode(datagram.span) }
    #expect(end == .done)
    #expect(try #require(decoder.generation) > 1)
  }
}
