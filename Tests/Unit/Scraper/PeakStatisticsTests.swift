import PortModel
import Scraper
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
}
