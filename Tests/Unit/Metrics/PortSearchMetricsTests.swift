import Exposition
import Metrics
import PortModel
import Testing

@Suite("Metrics of the search for a port")
struct PortSearchMetricsTests {
  private static let name = "portpool_port_search_duration_seconds"

  private func metrics(_ searches: PortSearches?) -> MetricSet {
    let namespace = NamespaceSnapshot(name: "host", settings: nil, tcp: nil, udp: nil, outcomes: []).adding(searches)
    return PoolMetrics().metrics(of: PoolSnapshot(time: 0, namespaces: [namespace]))
  }

  private static let some = PortSearches(
    upperBounds: [0.000_001, 0.000_004, 1.048_576],
    times: [.connect: .init(bucketCounts: [5, 2, 0, 1], sum: 1.5), .udp: .init(bucketCounts: [0, 0, 0, 0], sum: 0)])

  @Test("buckets are cumulative, the last is the count, and a kind without a search is there as 0")
  func histogram() {
    let series = Series(metrics(Self.some))
    let connect = ["1e-06", "4e-06", "1.048576", "+Inf"].map { series["\(Self.name)_bucket{kind=\"connect\",le=\"\($0)\"}"] }
    #expect(connect == ["5", "7", "7", "8"])
    #expect(series["\(Self.name)_count{kind=\"connect\"}"] == "8" && series["\(Self.name)_sum{kind=\"connect\"}"] == "1.5")
    #expect(series["\(Self.name)_bucket{kind=\"udp\",le=\"+Inf\"}"] == "0" && series["\(Self.name)_count{kind=\"udp\"}"] == "0")
    #expect(series["\(Self.name)_count{kind=\"bind\"}"] == nil)
  }

  @Test("without the collector nothing is said")
  func missing() {
    #expect(Series(metrics(PortSearches?.none)).names.allSatisfy { !$0.hasPrefix(Self.name) })
  }
}
