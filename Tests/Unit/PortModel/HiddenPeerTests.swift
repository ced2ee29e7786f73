import PortModel
import Testing

@Suite("Snapshots without peers")
struct HiddenPeerTests {
  @Test("without its peers a snapshot has the same numbers, and no address but this host's own")
  func withoutPeers() throws {
    let destination = try #require(IPAddress("2001:db8::dead:beef"))
    let source = try #require(IPAddress("2001:db8::5"))
    let tuple = TupleHeadroom(
      tuple: Tuple(source: source, destination: destination, destinationPort: 443, zone: "eth0"), used: 90, reusable: 5, headroom: 15,
      firstParityFree: 0, returning: [1, 2, 3, 4])
    let connect = ConnectHeadroom(
      capacity: 100, firstParityCapacity: 50, tupleCounts: [.ipv6: 1], tuples: [tuple], worst: [.ipv6: tuple], pessimistic: [.ipv6: tuple])
    let bind = BindHeadroom(wildcard: 10, wildcardIPv6: 10, addresses: [], isComplete: true, other: 10, otherIPv6: 10)
    let tcp = TCPPressure(
      usage: PortUsage(counts: [.client: 90]), blocked: 0, connect: connect, bind: bind, wrongParity: 0, listeners: [])
    let use = SnatUse(
      tuple: SnatTuple(
        transport: .tcp, source: IPAddress(ipv4: 0xC000_0207), destination: IPAddress(ipv4: 0xC633_6409), destinationPort: 443),
      range: PortRange(first: 20000, last: 20999), used: 600, closing: 0, failure: 0.01)
    let table = Snat.Table(worst: [Snat.PoolKey(.tcp, .ipv4): use], tuples: [use])
    let whole = PoolSnapshot(
      time: 7,
      namespaces: [
        NamespaceSnapshot(
          name: "a", settings: PoolSettings(range: .linuxDefault),
          tcp: TCPPool(sockets: SocketCounts(), seesBoundOnly: true, pressure: tcp),
          udp: nil, outcomes: []
        ).adding(Snat(pools: [], table: table))
      ])
    let hidden = whole.withoutPeers
    #expect(!whole.hidesPeers && hidden.hidesPeers && hidden.withoutPeers == hidden)
    let (before, after) = (whole.namespaces[0], hidden.namespaces[0])
    #expect(
      after.pools.map(\.headroom) == before.pools.map(\.headroom) && after.pools.map(\.leastHeadroom) == before.pools.map(\.leastHeadroom))
    #expect(after.tcp?.pressure?.connect.tuples.first?.tuple.arrow == "2001:db8::5%eth0 → (hidden peer)")
    #expect(after.tcp?.pressure?.connect.worst[.ipv6]?.family == .ipv6)
    #expect(after[Snat.self]?.table?.tuples.first?.tuple.arrow == "192.0.2.7 → (hidden peer)")
    #expect(after[Snat.self]?.table?.tuples.first?.failure == 0.01)
    let text = String(reflecting: hidden)
    for part in ["2001:db8::dead:beef", "198.51.100.9"] {
      #expect(!text.contains(part) && String(reflecting: whole).contains(part), "\(part)")
    }
  }
}
