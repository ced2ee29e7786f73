/// A line of the page's facts, with a mark when something is wrong: a source, a setting, a count.
///
/// `("ip_local_port_range", "32768 – 60999", true)`
package struct PageRow: Sendable, Hashable {
  /// What it is.
  package let name: String
  /// Its value.
  package let value: String
  /// Whether all is well with it.
  package let isGood: Bool

  /// A fact.
  package init(name: String, value: String, isGood: Bool = true) {
    self.name = name
    self.value = value
    self.isGood = isGood
  }
}
