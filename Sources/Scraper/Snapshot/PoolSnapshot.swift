/// The state of every pool that was looked at, at one moment. The one value that metrics, JSON, tables and pages are made from.
package struct PoolSnapshot: Sendable, Hashable {
  /// When it was taken, in seconds since 1970.
  package let time: Int64
  package let namespaces: [NamespaceSnapshot]

  package init(time: Int64, namespaces: [NamespaceSnapshot]) {
    self.time = time
    self.namespaces = namespaces
  }

  /// Where the sockets came from; `nil` when none could be read.
  package var source: SourceName? {
    namespaces.lazy.flatMap(\.outcomes).compactMap(\.source).first
  }

  /// What went wrong, a sentence each; empty when all was read.
  package var problems: [String] { namespaces.flatMap { $0.outcomes.compactMap(\.problem) } }
}
