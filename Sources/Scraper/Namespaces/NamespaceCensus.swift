/// How many network namespaces the host has beside the exporter's own, and how far each was looked at: a partition.
package struct NamespaceCensus: Sendable, Hashable {
  /// Their sockets were read one by one.
  package var walked = 0
  /// They have so few sockets that no pool can be past `--namespaces.walk-share`.
  package var calm = 0
  /// Beyond `--namespaces.max`: only their sockets were counted, in ``skippedSockets``.
  package var skipped = 0
  /// `--namespaces.include` and `--namespaces.exclude` leave them out.
  package var excluded = 0
  /// Known by a name, and not to be read: no process is in there, and this one may not go in.
  package var unreadable = 0
  /// The sockets of the skipped namespaces together.
  package var skippedSockets = SocketTotals(tcp: 0, udp: 0, holders: 0)

  package init() {}

  /// All of them.
  package var found: Int { walked + calm + skipped + excluded + unreadable }
}
