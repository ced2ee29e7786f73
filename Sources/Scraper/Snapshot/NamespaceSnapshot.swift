package import PortModel

/// One network namespace: its settings, and its pools as far as they could be read.
package struct NamespaceSnapshot: Sendable, Hashable {
  /// The label value: `host`, a name below `/run/netns`, or the inode number.
  package let name: String
  /// `nil` when the settings could not be read; then there are counts and no headroom.
  package let settings: PoolSettings?
  /// `nil` when the collector is off or failed.
  package let tcp: TCPPool?
  package let udp: UDPPool?
  package let outcomes: [CollectorOutcome]
  /// `nil` for the namespace that the exporter runs in.
  package let visit: NamespaceVisit?
  /// Who holds the pool ports; `nil` when nobody asked, or it cannot be told.
  package let owners: [OwnerUsage]?

  package init(
    name: String, settings: PoolSettings?, tcp: TCPPool?, udp: UDPPool?, outcomes: [CollectorOutcome], visit: NamespaceVisit? = nil,
    owners: [OwnerUsage]? = nil
  ) {
    self.name = name
    self.settings = settings
    self.tcp = tcp
    self.udp = udp
    self.outcomes = outcomes
    self.visit = visit
    self.owners = owners
  }

  /// Range minus reserved.
  package var capacity: Int? { settings?.capacity }
}
