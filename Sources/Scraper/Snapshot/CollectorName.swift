/// What can be switched on and off with `--collector.NAME`, chosen with `collect[]=NAME`, and fails alone.
package enum CollectorName: String, Sendable, Hashable, CaseIterable {
  /// The settings: range, reserved ports, TIME_WAIT reuse.
  case settings
  /// TCP sockets and what they leave of the pool.
  case tcp
  /// UDP sockets and what they leave of the pool.
  case udp
  /// Every other network namespace of the host.
  case namespaces
  /// Pool ports by the unit, container or pod that holds them.
  case owners

  /// What runs unless it is switched off.
  package static let defaults: Set<CollectorName> = [.settings, .tcp, .udp]
}
