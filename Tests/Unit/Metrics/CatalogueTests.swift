import Exposition
import Kernel
import Metrics
import PortModel
import Scraper
import Testing

@Suite("The catalogue")
struct CatalogueTests {
  static let metrics = MetricCatalog.sections.flatMap(\.metrics)

  @Test("a name has the program's prefix, or is one that every client library has")
  func prefixes() {
    let others = Self.metrics.map(\.name).filter { !$0.hasPrefix("portpool_") }
    #expect(
      others == [
        "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_open_fds",
        "process_max_fds", "process_start_time_seconds",
      ])
  }

  @Test("no label is one that Prometheus or a cluster's relabelling owns")
  func labels() {
    let foreign: Set = ["type", "instance", "job", "host", "pod", "namespace", "container", "service", "zone", "env", "cluster"]
    for metric in Self.metrics { #expect(foreign.isDisjoint(with: metric.labels), "\(metric.name)") }
  }

  @Test("HELP is a sentence in one line")
  func help() {
    for metric in Self.metrics {
      #expect(metric.help.hasSuffix(".") || metric.help.hasSuffix("always 1.") || metric.help.contains("; 0 before"), "\(metric.name)")
      #expect(!metric.help.contains("\n") && metric.help.utf8.count <= 160, "\(metric.name)")
    }
  }

  @Test("headroom of connect() says that it is an upper bound")
  func upperBound() {
    #expect(MetricCatalog.worstHeadroom.help.contains("upper bound"))
  }

  @Test("the documents' table has a row for each metric, and a heading for each section")
  func markdown() {
    let lines = MetricCatalog.markdown.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("| `") } == Self.metrics.count)
    #expect(lines.filter { $0.hasPrefix("**") }.map { String($0) } == MetricCatalog.sections.map { "**\($0.title)**" })
    #expect(
      lines.contains { $0.hasPrefix("| `portpool_capacity_ports` | gauge | `netns`, `protocol` | Ports the kernel can hand out") })
  }
}

@Suite("Metrics of the exporter")
struct ExporterMetricsTests {
  @Test("the running process is told in base units, with a start in the past")
  func process() throws {
    let usage = try #require(ProcessUsage.current)
    #expect(usage.residentBytes > 1 << 20 && usage.virtualBytes >= usage.residentBytes)
    #expect(usage.openDescriptors >= 3 && UInt64(usage.openDescriptors) <= usage.maximumDescriptors)
    #expect(usage.cpuSeconds > 0)
    #expect(usage.startTime > 1_700_000_000 && usage.startTime < Double(WallClock.seconds) + 1)
    let series = Series(ExporterMetrics.metrics(of: usage))
    #expect(
      series.values.mapValues { Double($0) } == [
        "process_cpu_seconds_total": usage.cpuSeconds, "process_resident_memory_bytes": Double(usage.residentBytes),
        "process_virtual_memory_bytes": Double(usage.virtualBytes), "process_open_fds": Double(usage.openDescriptors),
        "process_max_fds": Double(usage.maximumDescriptors), "process_start_time_seconds": usage.startTime,
      ])
  }

  @Test("build and risk are told as 0 and 1")
  func build() {
    let build = ExporterMetrics.metrics(
      version: "1.2.3", revision: "abc", swiftVersion: "6.3", operatingSystem: "linux", architecture: "arm64")
    #expect(
      Series(build).values == [
        "portpool_build_info{version=\"1.2.3\",revision=\"abc\",swiftversion=\"6.3\",os=\"linux\",arch=\"arm64\"}": "1"
      ])
    #expect(Series(ExporterMetrics.metrics(isPortAtRisk: true)).values == ["portpool_exporter_port_at_risk": "1"])
    #expect(Series(ExporterMetrics.metrics(isPortAtRisk: false)).values == ["portpool_exporter_port_at_risk": "0"])
  }
}
