import Foundation
import Kernel
import Metrics
import PortModel
import Scraper
import TestSupport
import Testing

@Suite("Connection tracking")
struct ConntrackTests {
  /// Two processors, as Linux 6.18 writes them.
  private static let stat = """
    entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
    0000012c  00000000 00000064 00000000 00000007 00000000 00000000 00000000 00000000 00000003 00000004 00000001 00000000  00000000 00000000 00000000 00000000
    0000012c  00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000010 00000011 00000000 00000000  00000000 00000000 00000000 00000000

    """.replacingOccurrences(of: "\n\n", with: "\n")

  /// The series of a copied tree with these files.
  private func series(_ files: [String: String], _ collectors: Set<CollectorName> = [.conntrack]) throws -> Series {
    let root = FileManager.default.temporaryDirectory.appending(path: "portpool-conntrack-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.copyItem(atPath: Fixture("proc/busy").path, toPath: root.path(percentEncoded: false))
    for (file, text) in files {
      let url = root.appending(path: file)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(root: root.path(percentEncoded: false))))
    return Series(PoolMetrics().metrics(of: scraper.snapshot(collectors)))
  }

  private func conntrack(_ series: Series) -> [String: String] {
    series.values.filter { $0.key.hasPrefix("portpool_conntrack_") }
  }

  private static let fill = [
    "sys/net/netfilter/nf_conntrack_count": "300\n", "sys/net/netfilter/nf_conntrack_max": "262144\n",
  ]
  private static let entries = [
    "portpool_conntrack_entries{netns=\"host\"}": "300", "portpool_conntrack_entries_limit{netns=\"host\"}": "262144",
  ]

  @Test("entries and limit are told, and losses summed over the processors")
  func whole() throws {
    let series = try series(Self.fill.merging(["net/stat/nf_conntrack": Self.stat]) { $1 })
    let losses = [
      "portpool_conntrack_insert_failed_total{netns=\"host\"}": "19", "portpool_conntrack_drops_total{netns=\"host\"}": "21",
      "portpool_conntrack_early_drops_total{netns=\"host\"}": "1", "portpool_conntrack_taken_probes_total{netns=\"host\"}": "101",
    ]
    #expect(conntrack(series) == Self.entries.merging(losses) { $1 })
    #expect(series["portpool_scrape_collector_success{collector=\"conntrack\"}"] == "1")
  }

  @Test("a kernel without the statistics has entries and limit alone")
  func withoutStatistics() throws {
    #expect(try conntrack(series(Self.fill)) == Self.entries)
  }

  @Test("a kernel without connection tracking has no series of it, which is no failure")
  func none() throws {
    let series = try series([:])
    #expect(conntrack(series).isEmpty)
    #expect(series["portpool_scrape_collector_success{collector=\"conntrack\"}"] == "1")
  }

  @Test("a broken file fails the collector and no other")
  func broken() throws {
    let series = try series(["net/stat/nf_conntrack": "rubbish\n"], CollectorName.defaults.union([.conntrack]))
    #expect(conntrack(series).isEmpty)
    #expect(series["portpool_scrape_collector_success{collector=\"conntrack\"}"] == "0")
    #expect(series["portpool_scrape_collector_success{collector=\"tcp\"}"] == "1")
  }

  @Test("it is on unless it is switched off, since it takes no right")
  func on() throws {
    #expect(try conntrack(series(Self.fill, CollectorName.defaults)) == Self.entries)
  }
}
