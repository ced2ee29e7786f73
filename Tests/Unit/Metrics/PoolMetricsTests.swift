import Exposition
import Kernel
import Metrics
import PortModel
import Scraper
import TestSupport
import Testing

@Suite("Metrics of a snapshot")
struct PoolMetricsTests {
  private static let netns = "netns=\"host\""

  @Test("every metric of pool, occupancy and headroom is there once something can be told", arguments: ["busy", "no-ipv6"])
  func complete(tree: String) throws {
    let range = NamedRange(name: "db", ports: try #require(PortRange(first: 40000, last: 40049)))
    let names = Series(tree: tree, ranges: [range]).names
    let catalogue = MetricCatalog.sections.filter { ["Pool", "Occupancy", "Headroom"].contains($0.title) }.flatMap(\.metrics).map(\.name)
    #expect(catalogue.count == 26)
    // No table tells which ports programs bound before they connected.
    for name in catalogue { #expect(names.contains(name) == (name != MetricCatalog.bindFirst.name), "\(name)") }
  }

  @Test("nothing is told that is not in the catalogue", arguments: ["busy", "empty", "no-ipv6", "broken"])
  func catalogued(tree: String) {
    let catalogue = Set(MetricCatalog.sections.flatMap(\.metrics).map(\.name))
    #expect(Series(tree: tree).names.subtracting(catalogue).isEmpty)
  }

  @Test(
    "a host without sockets has its known series as zeros, and its pool whole",
    arguments: [
      ("portpool_sockets", 84, 0), ("portpool_used_ports", 2, 0), ("portpool_ports", 10, 0), ("portpool_blocked_ports", 1, 0),
      ("portpool_tuples", 2, 0), ("portpool_worst_tuple_used_ports", 2, 0), ("portpool_worst_tuple_returning_ports", 8, 0),
      ("portpool_wrong_parity_ports", 1, 0), ("portpool_unreserved_listeners", 1, 0), ("portpool_tuple_used_ports", 0, 0),
      ("portpool_capacity_ports", 2, 2 * 28232), ("portpool_worst_tuple_capacity_ports", 2, 2 * 28232),
      ("portpool_worst_tuple_headroom_ports", 2, 2 * 28232), ("portpool_worst_tuple_first_parity_free_ports", 2, 2 * 14116),
      ("portpool_bind_headroom_ports", 4, 4 * 28232), ("portpool_udp_autobind_headroom_ports", 2, 2 * 28232),
    ])
  func zeros(name: String, count: Int, sum: Int) {
    let series = Series(tree: "empty")
    #expect(series.of(name).count == count)
    #expect(series.sum(name) == sum)
  }

  @Test("abilities of the kernel are 1 or 0, and missing where they were not found out")
  func abilities() {
    var abilities = KernelAbilities()
    abilities[.listsBoundSockets] = true
    abilities[.reusesFinWait2] = false
    let text = String(
      decoding: PoolMetrics().metrics(of: PoolSnapshot(time: 0, namespaces: [], abilities: abilities)).encoded(as: .text004), as: UTF8.self)
    #expect(
      text.split(separator: "\n").filter { !$0.hasPrefix("#") } == [
        "portpool_kernel_ability{ability=\"lists_bound_sockets\"} 1", "portpool_kernel_ability{ability=\"reuses_fin_wait2\"} 0",
      ])
  }

  @Test("sums agree with each other", arguments: ["busy", "empty", "no-ipv6"])
  func sums(tree: String) {
    let series = Series(tree: tree)
    for transport in ["tcp", "udp"] {
      let label = "protocol=\"\(transport)\""
      #expect(series.sum("portpool_ports", label) == series.sum("portpool_used_ports", label))
      #expect(series.sum("portpool_sockets", label) >= series.sum("portpool_used_ports", label))
    }
    for family in ["ipv4", "ipv6"] {
      let label = "family=\"\(family)\""
      #expect(
        series.sum("portpool_worst_tuple_used_ports", label) + series.sum("portpool_worst_tuple_headroom_ports", label)
          == series.sum("portpool_worst_tuple_capacity_ports", label))
    }
    #expect(
      series.sum("portpool_capacity_ports", "tcp") - series.sum("portpool_blocked_ports")
        == series.sum("portpool_worst_tuple_capacity_ports", "ipv4"))
  }

  @Test(
    "the busy tree is told as it is",
    arguments: [
      ("portpool_range_first_port{\(netns)}", "40000"), ("portpool_range_last_port{\(netns)}", "40099"),
      ("portpool_reserved_ports{\(netns)}", "10"), ("portpool_tcp_tw_reuse_mode{\(netns)}", "2"),
      ("portpool_sockets{\(netns),protocol=\"tcp\",family=\"ipv4\",range=\"registered\",state=\"time_wait\"}", "12"),
      ("portpool_ports{\(netns),protocol=\"tcp\",use=\"client\"}", "50"), ("portpool_blocked_ports{\(netns)}", "2"),
      ("portpool_worst_tuple_used_ports{\(netns),family=\"ipv4\"}", "52"),
      ("portpool_worst_tuple_headroom_ports{\(netns),family=\"ipv6\"}", "80"),
      ("portpool_worst_tuple_first_parity_free_ports{\(netns),family=\"ipv4\"}", "0"),
      ("portpool_tuples{\(netns),family=\"ipv4\"}", "5"), ("portpool_unreserved_listeners{\(netns),protocol=\"tcp\"}", "2"),
      ("portpool_source_info{\(netns),source=\"proc\"}", "1"), ("portpool_scrape_collector_success{collector=\"udp\"}", "1"),
      (
        "portpool_tuple_used_ports{\(netns),source=\"2001:db8::10\",destination=\"2001:db8::20\",destination_port=\"443\"}", "8"
      ),
    ])
  func busy(series: String, value: String) {
    #expect(Series(tree: "busy")[series] == value)
  }

  @Test(
    "tuples have series of their own up to a number, and from a share of the capacity on",
    arguments: [
      (5, 0.05, [6, 7, 8, 17, 52]), (2, 0.05, [17, 52]), (0, 0.05, []), (100, 0, [2, 6, 7, 8, 17, 52]), (100, 0.5, [52]), (100, 1, []),
    ])
  func topTuples(limit: Int, share: Double, used: [Int]) {
    let series = Series(tree: "busy", CollectorName.defaults, PoolMetrics(topTuples: limit, topTuplesMinShare: share))
    #expect(series.of("portpool_tuple_used_ports").values.sorted() == used)
  }

  @Test("of a named range, the pool ports that are not reserved have a series, with the settings and without a socket")
  func namedRanges() throws {
    let ranges = try [("all", 1, 65535), ("edge", 40090, 50000), ("outside", 1, 39999)].map { name, first, last in
      NamedRange(name: name, ports: try #require(PortRange(first: Port(first), last: Port(last))))
    }
    let series = Series(tree: "busy", [.settings], PoolMetrics(), ranges: ranges)
    let capacity = try #require(series["portpool_capacity_ports{\(Self.netns),protocol=\"tcp\"}"])
    #expect(series["portpool_range_unreserved_ports{\(Self.netns),range=\"all\"}"] == capacity)
    #expect(series["portpool_range_unreserved_ports{\(Self.netns),range=\"edge\"}"] == "10")
    #expect(series["portpool_range_unreserved_ports{\(Self.netns),range=\"outside\"}"] == "0")
    #expect(Series(tree: "busy").of("portpool_range_unreserved_ports").isEmpty)
  }

  @Test("headroom has a lower end, and the tuple that it is of has series although it may hold nothing")
  func uncertain() throws {
    func tuple(_ destination: String, used: Int, reusable: Int, usesTimestamps: Bool?) throws -> TupleHeadroom {
      TupleHeadroom(
        tuple: Tuple(
          source: try #require(IPAddress("10.0.0.5")), destination: try #require(IPAddress(destination)), destinationPort: 443),
        used: used, reusable: reusable, headroom: 100 - used + reusable, firstParityFree: 0, returning: [0, 0, 0, 0],
        usesTimestamps: usesTimestamps)
    }
    func series(_ usesTimestamps: Bool?, topTuples: Int = 2) throws -> Series {
      let open = try (1...3).map { try tuple("10.0.0.\($0)", used: 40 - $0, reusable: $0, usesTimestamps: true) }
      let closed = try tuple("10.0.0.9", used: 90, reusable: 88, usesTimestamps: usesTimestamps)
      let connect = ConnectHeadroom(
        capacity: 100, firstParityCapacity: 50, tupleCounts: [:], tuples: open, worst: [.ipv4: open[0]],
        pessimistic: [.ipv4: usesTimestamps == true ? open[0] : closed])
      let pressure = TCPPressure(
        usage: PortUsage(map: []), blocked: 0, connect: connect,
        bind: BindHeadroom(wildcard: 0, wildcardIPv6: 0, addresses: [], isComplete: true, other: 0, otherIPv6: 0), wrongParity: 0,
        listeners: PortSet())
      let tcp = TCPPool(sockets: SocketCounts(), seesBoundOnly: false, pressure: pressure)
      return Series(
        PoolMetrics(topTuples: topTuples).metrics(
          of: PoolSnapshot(time: 0, namespaces: [NamespaceSnapshot(name: "host", settings: nil, tcp: tcp, udp: nil, outcomes: [])])))
    }
    let unknown = try series(nil)
    #expect(unknown["portpool_worst_tuple_headroom_ports{\(Self.netns),family=\"ipv4\"}"] == "62")
    #expect(unknown["portpool_worst_tuple_reusable_ports{\(Self.netns),family=\"ipv4\"}"] == "1")
    #expect(unknown["portpool_worst_tuple_least_headroom_ports{\(Self.netns),family=\"ipv4\"}"] == "10")
    #expect(unknown["portpool_worst_tuple_least_headroom_ports{\(Self.netns),family=\"ipv6\"}"] == "100")
    #expect(unknown.of("portpool_tuple_used_ports").values.sorted() == [2, 38])
    #expect(unknown.of("portpool_tuple_reusable_ports").values.sorted() == [1, 88])
    #expect(try series(nil, topTuples: 0).of("portpool_tuple_reusable_ports").isEmpty)
    let known = try series(true)
    #expect(known["portpool_worst_tuple_least_headroom_ports{\(Self.netns),family=\"ipv4\"}"] == "62")
    #expect(known.of("portpool_tuple_used_ports").values.sorted() == [36, 38])
  }

  @Test("what a failed collector would have told is left out, and the rest is told")
  func broken() {
    let series = Series(tree: "broken")
    #expect(series["portpool_scrape_collector_success{collector=\"settings\"}"] == "0")
    #expect(series["portpool_scrape_collector_success{collector=\"tcp\"}"] == "1")
    #expect(series["portpool_scrape_collector_success{collector=\"udp\"}"] == "0")
    #expect(series.sum("portpool_sockets", "tcp") == 109)
    #expect(series.sum("portpool_sockets", "udp") == 0 && !series.of("portpool_sockets").keys.contains { $0.contains("udp") })
    #expect(
      series.names == [
        "portpool_sockets", "portpool_source_info", "portpool_scrape_collector_success", "portpool_scrape_collector_duration_seconds",
      ])
  }

  @Test(
    "a scrape that asks for one collector gets its series and no other's",
    arguments: CollectorName.defaults.sorted { $0.rawValue < $1.rawValue })
  func chosen(collector: CollectorName) {
    let series = Series(tree: "busy", [collector])
    #expect(series.of("portpool_scrape_collector_success").count == 1)
    #expect(series["portpool_scrape_collector_success{collector=\"\(collector.rawValue)\"}"] == "1")
    #expect(series.names.contains("portpool_range_first_port") == (collector == .settings))
    #expect(series.names.contains("portpool_tuples") == (collector == .tcp))
    #expect(series.names.contains("portpool_udp_autobind_headroom_ports") == (collector == .udp))
    #expect(series.names.contains("portpool_capacity_ports") == (collector == .settings))
  }

  @Test("only inet_diag tells of UDP servers, and not in one look, and of bound sockets", .networkNamespaces)
  func netlink() async throws {
    let values = try await NetworkNamespace.run { _ in
      let sockets = [try TestSocket.bound(.udp, to: SocketAddress("0.0.0.0", 40053)), try .bound(to: SocketAddress("127.0.0.1", 40054))]
      defer { withExtendedLifetime(sockets) {} }
      return [Scraper.SourceChoice.proc, .netlink].map { source in
        var configuration = ScraperConfiguration(proc: .init(view: .thread), source: source)
        configuration.udpServerAge = .milliseconds(100)
        let scraper = PoolScraper(configuration)
        _ = scraper.snapshot()
        TestSocket.pause(0.15)
        return Series(PoolMetrics().metrics(of: scraper.snapshot())).values
      }
    }
    let (udp, bound) = (
      "portpool_unreserved_listeners{\(Self.netns),protocol=\"udp\"}",
      "portpool_sockets{\(Self.netns),protocol=\"tcp\",family=\"ipv4\",range=\"registered\",state=\"bound\"}"
    )
    #expect(values.map { $0[udp] } == [nil, "1"])
    #expect(values.map { $0[bound] } == [nil, "1"])
    #expect(values.map { $0["portpool_blocked_ports{\(Self.netns)}"] } == ["0", "1"])
  }
}
