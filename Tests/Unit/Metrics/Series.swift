import Exposition
import Kernel
import Metrics
import PortModel
import Scraper
import TestSupport

/// The series of a metric set as text 0.0.4 writes them: `portpool_capacity_ports{netns="host",protocol="tcp"}` → `28232`.
struct Series {
  let values: [String: String]

  init(_ metrics: MetricSet) {
    var values: [String: String] = [:]
    for line in String(decoding: metrics.encoded(as: .text004), as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " ") else { continue }
      values[String(line[..<space])] = String(line[line.index(after: space)...])
    }
    self.values = values
  }

  /// The series of a tree of `Tests/Fixtures/proc`.
  init(
    tree: String, _ collectors: Set<CollectorName> = CollectorName.defaults, _ pool: PoolMetrics = PoolMetrics(),
    ranges: [NamedRange] = []
  ) {
    let configuration = ScraperConfiguration(proc: ProcFileSystem(root: Fixture("proc/\(tree)").path), namedRanges: ranges)
    self.init(pool.metrics(of: PoolScraper(configuration).snapshot(collectors)))
  }

  subscript(series: String) -> String? { values[series] }

  /// The series of the family `name`.
  func of(_ name: String) -> [String: Int] {
    var found: [String: Int] = [:]
    for (series, value) in values where series == name || series.hasPrefix(name + "{") { found[series] = Int(value) }
    return found
  }

  /// The sum of the series of the family `name` whose labels contain `label`.
  func sum(_ name: String, _ label: String = "") -> Int { of(name).filter { label.isEmpty || $0.key.contains(label) }.values.reduce(0, +) }

  /// The names of all families.
  var names: Set<String> { Set(values.keys.map { String($0.prefix { $0 != "{" }) }) }
}
