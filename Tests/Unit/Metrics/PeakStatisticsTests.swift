import Metrics
import PortModel
import Testing

@Suite("peaks between scrapes")
struct PeakStatisticsTests {
  @Test(
    "a sample falls into the bucket of its share",
    arguments: [(0, 0), (25, 0), (26, 1), (50, 1), (70, 2), (80, 3), (90, 4), (95, 5), (100, 6), (101, 7)])
  func buckets(used: Int, bucket: Int) {
    let statistics = PeakStatistics()
    statistics.note(.walked(used: used, capacity: 100))
    let reading = statistics.take()
    #expect(reading.bucketCounts.firstIndex(of: 1) == bucket)
    #expect(reading.bucketCounts.reduce(0, +) == 1)
    #expect(reading.walks == 1)
  }

  @Test("the peak is the most since the reading before, the counts go on")
  func peak() {
    let statistics = PeakStatistics()
    for used in [10, 70, 30] { statistics.note(.walked(used: used, capacity: 100)) }
    #expect(statistics.take().peakUsed == 70)
    statistics.note(.walked(used: 5, capacity: 100))
    let second = statistics.take()
    #expect(second.peakUsed == 5)
    #expect(second.walks == 4)
    #expect(abs(second.sum - 1.15) < 1e-9)
  }

  @Test("a calm sample counts in the first bucket and walks nothing; a busy one only as skipped")
  func calmAndBusy() {
    let statistics = PeakStatistics()
    statistics.note(.calm(shareAtMost: 0.2))
    statistics.note(.busy)
    statistics.noteSkipped(3)
    let reading = statistics.take()
    #expect(reading.bucketCounts[0] == 1)
    #expect(reading.walks == 0)
    #expect(reading.skipped == 4)
  }

  @Test("a pool without a single port is full")
  func emptyPool() {
    let statistics = PeakStatistics()
    statistics.note(.walked(used: 0, capacity: 0))
    #expect(statistics.take().bucketCounts[6] == 1)
  }

  @Test("samples become a histogram whose buckets are cumulative, and a peak that starts over with each scrape")
  func peaks() {
    let statistics = PeakStatistics()
    let samples: [PeakSample] = [
      .calm(shareAtMost: 0.25), .walked(used: 60, capacity: 100), .walked(used: 100, capacity: 100), .busy, .walked(used: 0, capacity: 0),
    ]
    samples.forEach { statistics.note($0) }
    let series = Series(statistics.metrics())
    let buckets = ["0.25", "0.5", "0.7", "0.8", "0.9", "0.95", "1", "+Inf"].map { bound in
      series.values.first { $0.key.hasPrefix("portpool_worst_tuple_utilization_ratio_bucket") && $0.key.contains("le=\"\(bound)\"") }?.value
    }
    #expect(buckets == ["1", "1", "2", "2", "2", "2", "4", "4"])
    #expect(series["portpool_worst_tuple_utilization_ratio_count{netns=\"host\"}"] == "4")
    #expect(series["portpool_worst_tuple_utilization_ratio_sum{netns=\"host\"}"] == "2.85")
    #expect(series["portpool_worst_tuple_used_ports_peak{netns=\"host\"}"] == "100")
    #expect(series["portpool_sampler_walks_total{netns=\"host\"}"] == "3")
    #expect(series["portpool_sampler_skipped_total{netns=\"host\"}"] == "1")
    let next = Series(statistics.metrics())
    #expect(next["portpool_worst_tuple_used_ports_peak{netns=\"host\"}"] == "0")
    #expect(next["portpool_sampler_walks_total{netns=\"host\"}"] == "3")
  }

  @Test("a scrape is a sample too, and the peak is for whoever scrapes, not for pushes")
  func scrape() throws {
    let statistics = PeakStatistics()
    let connect = ConnectHeadroom(
      capacity: 100, firstParityCapacity: 50, tupleCounts: [:], tuples: [],
      worst: [
        .ipv4: TupleHeadroom(
          tuple: Tuple(
            source: try #require(IPAddress("192.0.2.10")), destination: try #require(IPAddress("198.51.100.7")), destinationPort: 443),
          used: 42, reusable: 2, headroom: 60, firstParityFree: 10, returning: [0, 0, 0, 0])
      ])
    let pressure = TCPPressure(
      usage: PortUsage(map: []), blocked: 0, connect: connect,
      bind: BindHeadroom(wildcard: 0, wildcardIPv6: 0, addresses: [], isComplete: true, other: 0, otherIPv6: 0), wrongParity: 0,
      listeners: PortSet())
    let tcp = TCPPool(sockets: SocketCounts(), seesBoundOnly: false, pressure: pressure)
    statistics.note(PoolSnapshot(time: 0, namespaces: [NamespaceSnapshot(name: "host", settings: nil, tcp: tcp, udp: nil, outcomes: [])]))
    #expect(Series(statistics.metrics())["portpool_worst_tuple_used_ports_peak{netns=\"host\"}"] == "40")
    #expect(!statistics.isPushed)
  }
}
