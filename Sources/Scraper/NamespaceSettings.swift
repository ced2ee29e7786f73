package import PortModel

/// What must be known of a namespace before its sockets mean anything.
package struct NamespaceSettings: Sendable, Hashable {
  package let pool: PoolSettings
  /// The namespace's own addresses; loopback ones need no list.
  package let localAddresses: Set<IPAddress>

  package init(pool: PoolSettings, localAddresses: Set<IPAddress> = []) {
    self.pool = pool
    self.localAddresses = localAddresses
  }
}
