import Metrics
import PortModel
import Testing

@Suite("Metrics of translated connections")
struct SnatMetricsTests {
  private func series(_ snat: Snat?, isOwn: Bool = true) -> Series {
    var collected = CollectedValues()
    collected[Snat.self] = snat
    let namespace = NamespaceSnapshot(
      name: "host", settings: nil, tcp: nil, udp: nil, outcomes: [],
      visit: isOwn
        ? nil
        : NamespaceVisit(
          id: nil, identity: NamespaceIdentity(name: "", pod: "", container: "", unit: ""),
          totals: SocketTotals(tcp: 0, udp: 0, holders: 0), isWalked: false),
      collected: collected)
    return Series(
      PoolMetrics(topTuples: 1, topTuplesMinShare: 0.3, topAddresses: 1).metrics(of: PoolSnapshot(time: 0, namespaces: [namespace])))
  }

  private func use(_ peer: UInt32, used: Int, failure: Double = 0) -> SnatUse {
    SnatUse(
      tuple: SnatTuple(
        transport: .tcp, source: IPAddress(ipv4: 0xC000_0207), destination: IPAddress(ipv4: peer), destinationPort: 443),
      range: PortRange(first: 40000, last: 40099), used: used, closing: 3, failure: failure)
  }

  private static let labels = "netns=\"host\",protocol=\"tcp\",family=\"ipv4\""

  @Test("the worst tuple, the counts, and the fullest by name")
  func worst() throws {
    let (first, second) = (use(0xC633_6409, used: 60, failure: 0.25), use(0xC633_640A, used: 40))
    let key = Snat.PoolKey(.tcp, .ipv4)
    let addresses = [Snat.AddressCount(first.tuple.source, connections: 90), Snat.AddressCount(IPAddress(ipv4: 1), connections: 10)]
    let series = series(
      Snat(
        pools: [SnatPool(origin: .rules)],
        table: Snat.Table(
          connections: [key: 100], tupleCounts: [key: 2], worst: [key: first], tuples: [first, second], addresses: addresses)))
    let expected = [
      "failure_ratio": "0.25", "used_ports": "60", "capacity_ports": "100", "headroom_ports": "40",
    ]
    for (name, value) in expected { #expect(series["portpool_snat_worst_tuple_\(name){\(Self.labels)}"] == value, "\(name)") }
    #expect(series["portpool_snat_worst_tuple_closing_ports{netns=\"host\",family=\"ipv4\"}"] == "3")
    #expect(series["portpool_snat_connections{\(Self.labels)}"] == "100" && series["portpool_snat_tuples{\(Self.labels)}"] == "2")
    #expect(series["portpool_snat_range_info{netns=\"host\",origin=\"rules\"}"] == "1")
    #expect(series["portpool_snat_walked{netns=\"host\"}"] == "1")
    let tuples = series.of("portpool_snat_tuple_used_ports")
    #expect(tuples.count == 1 && series.values.contains { $0.key.contains("198.51.100.9") && $0.value == "60" })
    #expect(series["portpool_snat_address_connections{netns=\"host\",source=\"192.0.2.7\"}"] == "90")
    #expect(series.of("portpool_snat_address_connections").count == 1)
  }

  @Test("every protocol and family is there, as 0, on a gateway without translated connections")
  func zeros() {
    let series = series(Snat(pools: [], table: Snat.Table()))
    for name in ["failure_ratio", "used_ports", "capacity_ports", "headroom_ports"] {
      #expect(series.of("portpool_snat_worst_tuple_\(name)").count == 6, "\(name)")
    }
    #expect(series.of("portpool_snat_connections").count == 8 && series.of("portpool_snat_tuples").count == 6)
    #expect(series["portpool_snat_worst_tuple_headroom_ports{\(Self.labels)}"] == "64512")
  }

  @Test("while the table is too small to be read, no search can fail, and what is in use is not known")
  func calm() {
    let series = series(Snat(pools: [.assumed], table: nil))
    #expect(series["portpool_snat_worst_tuple_failure_ratio{\(Self.labels)}"] == "0")
    #expect(series["portpool_snat_walked{netns=\"host\"}"] == "0")
    #expect(series["portpool_snat_range_info{netns=\"host\",origin=\"assumed\"}"] == "1")
    #expect(series.of("portpool_snat_worst_tuple_used_ports").isEmpty && series.of("portpool_snat_connections").isEmpty)
  }

  @Test("a pool whose ports come from a map has no capacity, and is said to be unreadable")
  func unreadable() {
    let pool = SnatPool(ports: .unreadable, origin: .rules)
    let series = series(
      Snat(pools: [pool], table: Snat.Table(connections: [Snat.PoolKey(.tcp, .ipv4): 7], tupleCounts: [Snat.PoolKey(.tcp, .ipv4): 1])))
    #expect(series["portpool_snat_range_info{netns=\"host\",origin=\"unreadable\"}"] == "1")
    #expect(series.of("portpool_snat_worst_tuple_capacity_ports").isEmpty && series.of("portpool_snat_worst_tuple_headroom_ports").isEmpty)
    #expect(series["portpool_snat_connections{\(Self.labels)}"] == "7")
    #expect(series["portpool_snat_worst_tuple_failure_ratio{\(Self.labels)}"] == nil)
    #expect(series["portpool_snat_worst_tuple_failure_ratio{netns=\"host\",protocol=\"udp\",family=\"ipv4\"}"] == "0")
  }

  @Test("another namespace has series once it translates: with a rule, or with a connection")
  func otherNamespace() {
    let key = Snat.PoolKey(.tcp, .ipv4)
    let connected = Snat.Table(connections: [key: 1], tupleCounts: [key: 1])
    for (snat, isShown) in [
      (Snat(pools: [], table: Snat.Table()), false), (Snat(pools: [.assumed], table: nil), false),
      (Snat(pools: [SnatPool(origin: .rules)], table: nil), true), (Snat(pools: [.assumed], table: connected), true),
    ] {
      #expect(series(snat, isOwn: false).names.contains("portpool_snat_walked") == isShown)
      #expect(series(snat).names.contains("portpool_snat_walked"))
    }
  }

  @Test("without the collector there is no series of it")
  func off() {
    #expect(series(nil).values.allSatisfy { !$0.key.contains("snat") })
  }
}
