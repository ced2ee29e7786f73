import PortModel
import TestSupport
import Testing

@Suite("What is worst")
struct ShortageTests {
  private func namespace(_ name: String, left: Int?, snat: SnatUse? = nil) -> NamespaceSnapshot {
    let range = PortRange(first: 40000, last: 40099)
    let udp = left.map {
      UDPPool(
        sockets: SocketCounts(), pressure: UDPPressure(usage: PortUsage(counts: [:]), headroom: $0, headroomIPv6: $0, listeners: nil))
    }
    let table = Snat.Table(worst: snat.map { [Snat.PoolKey(.tcp, .ipv4): $0] } ?? [:], tuples: snat.map { [$0] } ?? [])
    return NamespaceSnapshot(name: name, settings: range.map { PoolSettings(range: $0) }, tcp: nil, udp: udp, outcomes: [])
      .adding(snat.map { _ in Snat(pools: [], table: table) })
  }

  private func use(_ used: Int, failure: Double) -> SnatUse {
    SnatUse(
      tuple: SnatTuple(
        transport: .tcp, source: IPAddress(ipv4: 0xC000_0207), destination: IPAddress(ipv4: 0xC633_6409), destinationPort: 443),
      range: PortRange(first: 20000, last: 20999), used: used, closing: 0, failure: failure)
  }

  @Test("namespaces come by level, then by share, and equals as they stood; those without pools come last")
  func order() {
    let snapshot = PoolSnapshot(
      time: 0,
      namespaces: [
        namespace("unread", left: nil), namespace("idle", left: 100), namespace("half", left: 50), namespace("full", left: 0),
        namespace("tight", left: 5), namespace("idle2", left: 100), namespace("gateway", left: 90, snat: use(600, failure: 0.01)),
      ])
    #expect(snapshot.byPressure.map(\.namespace.name) == ["full", "tight", "gateway", "half", "idle", "idle2", "unread"])
    #expect(snapshot.byPressure.map { $0.shortage?.level } == [.exhausted, .critical, .critical, .warning, .ok, .ok, nil])
  }

  @Test("a translated tuple is a namespace's worst where no pool is worse")
  func translation() {
    #expect(namespace("a", left: 90, snat: use(600, failure: 0.01)).shortage == .translation(use(600, failure: 0.01)))
    #expect(namespace("b", left: 90, snat: use(10, failure: 0)).shortage?.left == 90)
    #expect(namespace("c", left: 0, snat: use(999, failure: 0.5)).shortage?.level == .exhausted)
  }

  @Test(
    "bind() is named only where no other pool is as close to its end, for a full destination empties its pool too",
    arguments: [
      (100, 100, Pool.ID.connectIPv4), (60, 55, .connectIPv4), (15, 0, .connectIPv4), (0, 0, .connectIPv4), (60, 45, .bindIPv4),
      (40, 0, .bindIPv4),
    ])
  func bind(connects: Int, binds: Int, expected: Pool.ID) throws {
    let tuple = TupleHeadroom(
      tuple: Tuple(source: .loopbackIPv4, destination: .loopbackIPv4, destinationPort: 443), used: 100 - connects, reusable: 0,
      headroom: connects, firstParityFree: 0, returning: [0, 0, 0, 0])
    let connect = ConnectHeadroom(
      capacity: 100, firstParityCapacity: 50, tupleCounts: [.ipv4: 1], tuples: [tuple], worst: [.ipv4: tuple])
    let bind = BindHeadroom(wildcard: binds, wildcardIPv6: binds, addresses: [], isComplete: true, other: 100, otherIPv6: 100)
    let tcp = TCPPressure(
      usage: PortUsage(counts: [.local: 100 - binds]), blocked: 0, connect: connect, bind: bind, wrongParity: 0, listeners: [])
    let namespace = NamespaceSnapshot(
      name: "host", settings: PoolSettings(range: try #require(PortRange(first: 40000, last: 40099))),
      tcp: TCPPool(sockets: SocketCounts(), seesBoundOnly: true, pressure: tcp), udp: nil, outcomes: [])
    guard case .pool(let pool) = namespace.shortage else { throw Missing() }
    #expect(pool.id == expected)
  }

  private struct Missing: Error {}
}
