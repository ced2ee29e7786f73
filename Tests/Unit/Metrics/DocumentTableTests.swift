import Exposition
import Foundation
import Metrics
import Scraper
import TestSupport
import Testing

/// The documents' tables of metrics and collectors are made from the lists of the program.
@Suite(.serialized)
struct DocumentTableTests {
  @Test(
    "the documents describe every metric and every collector as the program's lists do",
    arguments: [
      ("docs/metrics.md", "metrics: made from MetricCatalog", "metrics", MetricCatalog.markdown),
      ("docs/flags.md", "collectors: made from CollectorList", "collectors", CollectorList.standard.markdown),
    ])
  func table(path: String, title: String, name: String, expected: String) throws {
    let url = Fixture.package.appending(path: path)
    let text = try String(contentsOf: url, encoding: .utf8)
    let start = try #require(text.range(of: "<!-- \(title); UPDATE_GOLDEN=1 make test -->\n")).upperBound
    let end = try #require(text.range(of: "<!-- /\(name) -->")).lowerBound
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try (text[..<start] + expected + text[end...]).write(to: url, atomically: false, encoding: .utf8)
    } else {
      #expect(String(text[start..<end]) == expected)
    }
  }

  @Test("no metric is in the catalogue twice")
  func unique() {
    let names = MetricCatalog.sections.flatMap(\.metrics).map(\.name)
    #expect(Set(names).count == names.count)
  }
}
