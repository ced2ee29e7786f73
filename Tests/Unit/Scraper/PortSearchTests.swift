import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

@Suite("Searches for a port, as they were timed in the kernel")
struct PortSearchTests {
  /// Words of a share of the processors, and of a kind in it: twelve buckets and the nanoseconds.
  private static let (share, kind) = (40, 13)

  @Test("the buckets have their bounds in seconds, four times the one before")
  func bounds() {
    let bounds = PortSearches(shares: []).upperBounds
    #expect(bounds.count == 11 && bounds.first == 0.000_001 && bounds.last == 1.048_576)
    #expect(zip(bounds, bounds.dropFirst()).allSatisfy { abs($1 / $0 - 4) < 1e-9 })
  }

  @Test("what the processors counted is added up, and each kind is apart")
  func sums() throws {
    var words = [UInt64](repeating: 0, count: 64 * Self.share)
    words[0] = 7
    words[12] = 3_000
    words[Self.share + 11] = 2
    words[Self.share + 12] = 5_000_000_000
    words[63 * Self.share + 2 * Self.kind + 3] = 1
    words[63 * Self.share + 2 * Self.kind + 12] = 50_000
    let searches = PortSearches(shares: words)
    let connect = try #require(searches.times[.connect])
    #expect(connect == .init(bucketCounts: [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], sum: 5.000_003) && connect.count == 9)
    #expect(searches.times[.bind] == .init(bucketCounts: [UInt64](repeating: 0, count: 12), sum: 0))
    #expect(searches.times[.udp] == .init(bucketCounts: [0, 0, 0, 1] + [UInt64](repeating: 0, count: 8), sum: 0.000_05))
  }

  @Test("whatever is in that memory, it is read, and so is less of it than there should be", arguments: [0, 12, 13, 39, 40, 64 * 40])
  func anything(count: Int) throws {
    var random = SplitMix64(seed: 7)
    for words in [[UInt64](repeating: .max, count: count), (0..<count).map { _ in random.next() }] {
      let searches = PortSearches(shares: words)
      #expect(Set(searches.times.keys) == Set(PortSearches.Kind.allCases))
      for times in searches.times.values {
        #expect(times.bucketCounts.count == searches.upperBounds.count + 1 && times.sum.isFinite)
        // As a histogram adds them up, which must not stop the program.
        #expect(times.bucketCounts.reduce(0, +) == times.count)
      }
    }
  }

  @Test("a copy of another host's files says nothing of the search, and the collector fails alone")
  func copy() throws {
    let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(root: Fixture("proc/busy").path)))
    let snapshot = scraper.snapshot([.portSearch, .tcp])
    let outcome = try #require(snapshot.outcomes.first { $0.collector == .portSearch })
    #expect(outcome.problem?.contains("is a copy") == true)
    #expect(snapshot.own?.tcp != nil && snapshot.own?[PortSearches.self] == nil)
  }
}
