package import PortModel

/// What is known of a namespace that the exporter does not run in, before its sockets are read.
package struct NamespaceVisit: Sendable, Hashable {
  package let id: NetworkNamespaceID
  package let identity: NamespaceIdentity
  /// As the kernel counts along.
  package let totals: SocketTotals
  /// Whether the sockets were read one by one. Otherwise there is no headroom to tell, only that the pool is calm.
  package let isWalked: Bool

  package init(id: NetworkNamespaceID, identity: NamespaceIdentity, totals: SocketTotals, isWalked: Bool) {
    self.id = id
    self.identity = identity
    self.totals = totals
    self.isWalked = isWalked
  }
}
