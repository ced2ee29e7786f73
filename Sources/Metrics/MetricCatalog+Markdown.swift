internal import Exposition

extension MetricCatalog {
  /// The catalogue as docs/metrics.md shows it: a heading and a table for each section.
  ///
  /// ```
  /// | `portpool_capacity_ports` | gauge | `netns`, `protocol` | Ports the kernel can hand out: … |
  /// ```
  package static var markdown: String {
    sections.map { section in
      let rows = section.metrics.map { metric in
        let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
        return "| `\(metric.name)` | \(metric.type.rawValue) | \(labels) | \(metric.help) |"
      }
      return "**\(section.title)**\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n" + rows.joined(separator: "\n") + "\n"
    }
    .joined(separator: "\n")
  }
}
