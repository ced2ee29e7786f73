/// One network namespace on the page.
package struct PageNamespace: Sendable, Hashable {
  /// `host`, or the name of the namespace.
  package let name: String
  /// The pictures, TCP first.
  package let maps: [PortMap]
  /// The pools that can run out, the most pressing kind first.
  package let pools: [PagePool]
  /// The fullest tuples, least headroom first.
  package let tuples: [PageTuple]
  /// Listeners that should be reserved.
  package let listeners: [PageListener]
  /// The kernel's settings and the sources: range, reserved ports, `tcp_tw_reuse`, netlink or /proc.
  package let facts: [PageRow]
  /// What could not be read, or is about to go wrong.
  package let warnings: [PageWarning]

  /// A namespace by its parts.
  package init(
    name: String, maps: [PortMap], pools: [PagePool], tuples: [PageTuple], listeners: [PageListener], facts: [PageRow],
    warnings: [PageWarning]
  ) {
    self.name = name
    self.maps = maps
    self.pools = pools
    self.tuples = tuples
    self.listeners = listeners
    self.facts = facts
    self.warnings = warnings
  }
}
