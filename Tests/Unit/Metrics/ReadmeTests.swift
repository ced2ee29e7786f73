import Metrics
import Exposition
import Foundation
import TestSupport
import Testing

/// The README's metric table is the catalogue's.
struct ReadmeTests {
  private static let begin = "<!-- metrics: made from MetricCatalog; UPDATE_GOLDEN=1 make test -->\n"
  private static let end = "<!-- /metrics -->"

  @Test("the README describes every metric as the catalogue does")
  func readme() throws {
    let url = Fixture.package.appending(path: "README.md")
    let text = try String(contentsOf: url, encoding: .utf8)
    let start = try #require(text.range(of: Self.begin)).upperBound
    let end = try #require(text.range(of: Self.end)).lowerBound
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try (text[..<start] + MetricCatalog.markdown + text[end...]).write(to: url, atomically: false, encoding: .utf8)
    } else {
      #expect(String(text[start..<end]) == MetricCatalog.markdown)
    }
  }

  @Test("no metric is in the catalogue twice")
  func unique() {
    let names = MetricCatalog.sections.flatMap(\.metrics).map(\.name)
    #expect(Set(names).count == names.count)
  }
}
