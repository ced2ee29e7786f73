/// Where sockets are read from.
package enum SourceName: String, Sendable, Hashable {
  /// `/proc/net/tcp` and its siblings.
  case proc
  /// The kernel's inet_diag over netlink.
  case netlink
}
