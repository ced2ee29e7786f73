import Metrics
import PortModel
import Testing

@Suite("Metrics of refused ports")
struct RefusalMetricsTests {
  private func series(_ refusals: Refusals?, top: Int = 2, hidesPeers: Bool = false) -> Series {
    let namespace = NamespaceSnapshot(name: "host", settings: nil, tcp: nil, udp: nil, outcomes: []).adding(refusals)
    let snapshot = PoolSnapshot(time: 0, namespaces: [namespace])
    return Series(PoolMetrics(topTuples: top).metrics(of: hidesPeers ? snapshot.withoutPeers : snapshot))
  }

  private func refused(
    _ count: UInt64, _ destination: UInt32, by program: String = "curl", _ kind: Refusals.Kind = .connect, in namespace: String = "host"
  ) -> Refusals.Case {
    let source = IPAddress(ipv4: 0xC000_0207)
    let tuple = Tuple(
      source: source, destination: kind.hasDestination ? IPAddress(ipv4: destination) : .anyIPv4,
      destinationPort: kind.hasDestination ? 443 : 0)
    return Refusals.Case(namespace: namespace, kind: kind, tuple: tuple, program: program, count: count, last: 1)
  }

  private func value(_ series: Series, _ name: String, _ labels: String) -> Int? { series.of(name)["\(name){\(labels)}"] }

  private func count(_ series: Series, _ name: String) -> Int { series.of(name).count }

  private static let name = "portpool_refused_total"

  @Test("while nothing is refused every kind is there as 0, and no destination or program")
  func calm() {
    let series = series(Refusals(namespaces: [.init(name: "host", counts: .init(), last: nil)]))
    for kind in Refusals.Kind.allCases { #expect(value(series, Self.name, "netns=\"host\",kind=\"\(kind.rawValue)\"") == 0) }
    #expect(count(series, "portpool_refused_destination_total") == 0 && count(series, "portpool_refused_program_total") == 0)
  }

  @Test("kinds that are not counted here are not there, nor is anything without the collector")
  func missing() {
    let series = series(Refusals(kinds: [.connect], namespaces: [.init(name: "host", counts: .init(), last: nil)]))
    #expect(count(series, Self.name) == 1 && value(series, Self.name, "netns=\"host\",kind=\"connect\"") == 0)
    #expect(count(self.series(nil), Self.name) == 0)
  }

  @Test(
    "how many calls went unseen is one series, 0 included, and is absent where the kernel does not say it",
    arguments: [nil, 0, 312] as [UInt64?])
  func missed(missed: UInt64?) {
    let refusals = Refusals(
      namespaces: [.init(name: "host", counts: .init([.connect: 7]), last: 1)], cases: [refused(7, 0xC633_6401)], missed: missed)
    for hidesPeers in [false, true] {
      #expect(series(refusals, hidesPeers: hidesPeers)["portpool_refused_missed_total"] == missed.map { "\($0)" })
    }
    #expect(refusals.isLowerBound == ((missed ?? 0) > 0))
  }

  @Test("cases of one destination, and of one program, are added up, and those with the most are shown")
  func top() {
    let refusals = Refusals(
      namespaces: [
        .init(name: "host", counts: .init([.connect: 30, .bind: 9]), last: 9), .init(name: "blue", counts: .init([.udp: 4]), last: 8),
      ],
      cases: [
        refused(12, 0xC633_6401), refused(9, 0, by: "named", .bind), refused(8, 0xC633_6402), refused(6, 0xC633_6402, by: "wget"),
        refused(4, 0xC633_6403), refused(4, 0, by: "dig", .udp, in: "blue"),
      ])
    let series = series(refusals)
    #expect(value(series, Self.name, "netns=\"blue\",kind=\"udp\"") == 4 && value(series, Self.name, "netns=\"host\",kind=\"bind\"") == 9)
    let destinations = "portpool_refused_destination_total"
    func labels(_ host: Int) -> String {
      "netns=\"host\",source=\"192.0.2.7\",destination=\"198.51.100.\(host)\",destination_port=\"443\""
    }
    #expect(count(series, destinations) == 2)
    #expect(value(series, destinations, labels(2)) == 14 && value(series, destinations, labels(1)) == 12)
    let programs = "portpool_refused_program_total"
    #expect(count(series, programs) == 2)
    #expect(value(series, programs, "netns=\"host\",program=\"curl\"") == 24)
    #expect(value(series, programs, "netns=\"host\",program=\"named\"") == 9)
    #expect(count(self.series(refusals, top: 0), destinations) == 0)
  }

  @Test("without peers no destination is there, and every number stays")
  func hidden() {
    let refusals = Refusals(
      namespaces: [.init(name: "host", counts: .init([.connect: 20]), last: 9)], cases: [refused(12, 0xC633_6401), refused(8, 0xC633_6402)])
    let series = series(refusals, hidesPeers: true)
    #expect(count(series, "portpool_refused_destination_total") == 0)
    #expect(value(series, Self.name, "netns=\"host\",kind=\"connect\"") == 20)
    #expect(value(series, "portpool_refused_program_total", "netns=\"host\",program=\"curl\"") == 20)
    #expect(refusals.withoutPeers.cases.map(\.count) == [20] && refusals.withoutPeers.withoutPeers == refusals.withoutPeers)
  }
}
