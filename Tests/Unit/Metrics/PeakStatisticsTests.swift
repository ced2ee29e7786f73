import Metrics
import PortModel
import Synchronization
import TestSupport
import Testing

/// A clock that a test sets.
private final class Clock: Sendable {
  private let start = ContinuousClock.now
  private let passed = Mutex(Duration.zero)

  func advance(_ duration: Duration) { passed.withLock { $0 += duration } }
  var now: ContinuousClock.Instant { start + passed.withLock { $0 } }
}

@Suite("peaks between scrapes")
struct PeakStatisticsTests {
  @Test(
    "a sample falls into the bucket of its share",
    arguments: [(0, 0), (25, 0), (26, 1), (50, 1), (70, 2), (80, 3), (90, 4), (95, 5), (100, 6), (101, 7)])
  func buckets(used: Int, bucket: Int) {
    let statistics = PeakStatistics()
    statistics.note(.walked(used: used, capacity: 100))
    let reading = statistics.reading
    #expect(reading.bucketCounts.firstIndex(of: 1) == bucket)
    #expect(reading.bucketCounts.reduce(0, +) == 1)
    #expect(reading.walks == 1)
  }

  @Test("a peak is there for everyone who reads it, for two minutes")
  func peak() {
    let clock = Clock()
    let statistics = PeakStatistics { clock.now }
    for used in [10, 70, 30] { statistics.note(.walked(used: used, capacity: 100)) }
    clock.advance(.milliseconds(60_900))
    statistics.note(.walked(used: 5, capacity: 100))
    let first = statistics.reading
    #expect(first.peakUsed == 70)
    #expect(first.walks == 4)
    #expect(abs(first.sum - 1.15) < 1e-9)
    #expect(statistics.reading == first)
    #expect(Series(statistics.metrics())["portpool_worst_tuple_used_ports_peak{netns=\"host\"}"] == "70")
    clock.advance(.milliseconds(59_100))
    #expect(statistics.reading.peakUsed == 70)
    clock.advance(.seconds(1))
    #expect(statistics.reading.peakUsed == 5)
    #expect(statistics.reading.walks == 4)
  }

  @Test("where nobody looked for two minutes there is no peak, rather than a peak of 0")
  func nothingSeen() {
    let clock = Clock()
    let statistics = PeakStatistics { clock.now }
    let peak = "portpool_worst_tuple_used_ports_peak{netns=\"host\"}"
    statistics.note(.calm(shareAtMost: 0.2))
    #expect(Series(statistics.metrics())[peak] == nil)
    statistics.note(.walked(used: 0, capacity: 100))
    #expect(Series(statistics.metrics())[peak] == "0")
    clock.advance(.seconds(121))
    statistics.note(.calm(shareAtMost: 0.2))
    #expect(Series(statistics.metrics())[peak] == nil)
  }

  @Test("at any time the peak is the most of the two minutes before, whatever the pace of the samples", arguments: UInt64(1)...20)
  func anyTime(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let clock = Clock()
    let statistics = PeakStatistics { clock.now }
    var (time, seen) = (0, [(time: Int, used: Int)]())
    for _ in 0..<400 {
      let step = [0, 1, 400, 999, 1000, 7_000, 119_000, 130_000].randomElement(using: &generator) ?? 0
      time += step
      clock.advance(.milliseconds(step))
      if Bool.random(using: &generator) {
        let used = Int.random(in: 0...100, using: &generator)
        statistics.note(.walked(used: used, capacity: 100))
        seen.append((time, used))
      }
      let peak = statistics.reading.peakUsed
      let within = { (age: Int) in seen.filter { time - $0.time <= age }.map(\.used).max() }
      // A value counts for all of the window, and for less than a second longer.
      #expect((within(120_000) ?? -1)...(within(120_999) ?? -1) ~= peak ?? -1)
    }
  }

  @Test("a calm sample counts in the first bucket and walks nothing; a busy one only as skipped")
  func calmAndBusy() {
    let statistics = PeakStatistics()
    statistics.note(.calm(shareAtMost: 0.2))
    statistics.note(.busy)
    statistics.noteSkipped(3)
    let reading = statistics.reading
    #expect(reading.bucketCounts[0] == 1)
    #expect(reading.walks == 0)
    #expect(reading.skipped == 4)
  }

  @Test("a pool without a single port is full")
  func emptyPool() {
    let statistics = PeakStatistics()
    statistics.note(.walked(used: 0, capacity: 0))
    #expect(statistics.reading.bucketCounts[6] == 1)
  }

  @Test("samples become a histogram whose buckets are cumulative, and a peak; the next scrape has the same")
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
    #expect(Series(statistics.metrics()).values == series.values)
  }

  @Test("a scrape is a sample too; one without TCP says nothing of the peak and takes nothing from it")
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
    for tcp in [tcp, nil] {
      statistics.note(PoolSnapshot(time: 0, namespaces: [NamespaceSnapshot(name: "host", settings: nil, tcp: tcp, udp: nil, outcomes: [])]))
      #expect(Series(statistics.metrics())["portpool_worst_tuple_used_ports_peak{netns=\"host\"}"] == "40")
    }
  }
}
