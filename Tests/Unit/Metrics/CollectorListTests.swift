import Exposition
import Kernel
import Metrics
import PortModel
import Scraper
import TestSupport
import Testing

/// A collector of a test's own: its value, how it is read, and how it is described.
private struct Uptime: CollectedValue {
  let seconds: Int
}

extension CollectorName {
  fileprivate static let uptime = CollectorName(rawValue: "uptime")
}

private final class UptimeCollector: Collector {
  static let name = CollectorName.uptime
  static let isDefault = false
  static let help = "Seconds since the start"
  static let reach = CollectorReach.ownNamespace
  private var snapshots = 0

  init(_ configuration: ScraperConfiguration) {}

  func beginSnapshot() { snapshots += 1 }

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    // What is kept between snapshots is the collector's own; here it makes every third one fail.
    guard snapshots % 3 != 0 else { throw .deadline("uptime") }
    look.collected[Uptime.self] = Uptime(seconds: 60 * snapshots)
    return CollectorReport()
  }
}

private struct UptimeDescriber: CollectorDescriber {
  static let uptime = MetricDescriptor("portpool_uptime_seconds", labels: ["netns"], help: "Seconds since the start.")
  let collector = CollectorName.uptime

  func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet) {
    guard let uptime = namespace[Uptime.self] else { return }
    metrics.add(Self.uptime, namespace.name, value: uptime.seconds)
  }
}

@Suite("The list of collectors")
struct CollectorListTests {
  private static let list = CollectorList(CollectorList.standard.types + [UptimeCollector.self])
  private static let busy = ScraperConfiguration(proc: ProcFileSystem(root: Fixture("proc/busy").path))

  @Test("a collector that is added to the list has flags, a success series and its metrics, and fails alone")
  func added() {
    #expect(Self.list.flags.last?.name == .uptime)
    #expect(Self.list.flags.last?.help == "Seconds since the start (default: off).")
    #expect(Self.list.markdown.hasSuffix("| `uptime` | off | Seconds since the start |\n"))
    let enabled = Self.list.enabled([.uptime: true], disablesDefaults: false)
    #expect(enabled == CollectorName.defaults.union([.uptime]))

    let scraper = PoolScraper(Self.busy, collectors: Self.list)
    let metrics = PoolMetrics(PoolMetrics().describers + [UptimeDescriber()])
    let series = (1...3).map { _ in Series(metrics.metrics(of: scraper.snapshot(enabled))) }
    #expect(series.map { $0["portpool_uptime_seconds{netns=\"host\"}"] } == ["60", "120", nil])
    #expect(series.map { $0["portpool_scrape_collector_success{collector=\"uptime\"}"] } == ["1", "1", "0"])
    #expect(series.map { $0["portpool_scrape_collector_success{collector=\"tcp\"}"] } == ["1", "1", "1"])
    let without = Series(metrics.metrics(of: scraper.snapshot()))
    #expect(!without.names.contains("portpool_uptime_seconds") && without.of("portpool_scrape_collector_success").count == 4)
  }

  @Test(
    "flags switch single collectors on and off, whatever their default",
    arguments: [
      ([:], false, ["conntrack", "settings", "tcp", "udp"]),
      ([.owners: true, .conntrack: false], false, ["owners", "settings", "tcp", "udp"]),
      ([.tcp: false], false, ["conntrack", "settings", "udp"]), ([:], true, []), ([.tcp: true], true, ["tcp"]),
      ([.tcp: false, .conntrack: true], true, ["conntrack"]),
    ] as [([CollectorName: Bool], Bool, [String])])
  func enabled(switches: [CollectorName: Bool], disablesDefaults: Bool, expected: [String]) {
    #expect(CollectorList.standard.enabled(switches, disablesDefaults: disablesDefaults).map(\.rawValue).sorted() == expected)
  }

  @Test("every collector has one describer, and a name of its own")
  func describers() {
    let names = CollectorList.standard.names
    #expect(Set(names).count == names.count)
    #expect(PoolMetrics().describers.map(\.collector.rawValue).sorted() == names.map(\.rawValue).sorted())
  }

  @Test("values of different types do not stand in each other's way, and are compared with the snapshot")
  func values() {
    var left = CollectedValues()
    left[Uptime.self] = Uptime(seconds: 1)
    var right = left
    #expect(left == right && left.hashValue == right.hashValue)
    right[Conntrack.self] = Conntrack(fill: nil, counters: nil)
    #expect(right[Uptime.self] == Uptime(seconds: 1) && left != right && left[Conntrack.self] == nil)
    right[Conntrack.self] = nil
    #expect(left == right)
    right[Uptime.self] = Uptime(seconds: 2)
    #expect(left != right)
  }
}
