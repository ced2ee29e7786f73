/// The state of every pool that was looked at, at one moment. The one value that metrics, JSON, tables and pages are made from.
package struct PoolSnapshot: Sendable, Hashable {
  /// When it was taken, in seconds since 1970.
  package let time: Int64
  package let namespaces: [NamespaceSnapshot]

  package init(time: Int64, namespaces: [NamespaceSnapshot]) {
    self.time = time
    self.namespaces = namespaces
  }

  /// What went wrong, a sentence each; empty when all was read.
  package var problems: [String] { namespaces.flatMap { $0.outcomes.compactMap(\.problem) } }
}
