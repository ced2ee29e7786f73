/// A collector that a scrape may ask for with `collect[]` or leave out with `exclude[]`.
package struct CollectorChoice: Sendable, Hashable {
  /// The name in the flags and in the query: `tcp`.
  package let name: String
  /// Whether `--collector.NAME` has it on.
  package let isEnabled: Bool

  /// A collector by its name.
  package init(name: String, isEnabled: Bool) {
    self.name = name
    self.isEnabled = isEnabled
  }
}
