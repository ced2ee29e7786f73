/// The state of every pool that was looked at, at one moment. The one value that metrics, JSON, tables and pages are made from.
package struct PoolSnapshot: Sendable, Hashable {
  /// When it was taken, in seconds since 1970.
  package let time: Int64
  /// The exporter's own namespace first.
  package let namespaces: [NamespaceSnapshot]
  /// How many other namespaces there are; `nil` when nobody looked.
  package let census: NamespaceCensus?

  package init(time: Int64, namespaces: [NamespaceSnapshot], census: NamespaceCensus? = nil) {
    self.time = time
    self.namespaces = namespaces
    self.census = census
  }

  /// How each collector fared. Of other namespaces than the exporter's own, `namespaces` has to answer for all.
  package var outcomes: [CollectorOutcome] { namespaces.first { $0.visit == nil }?.outcomes ?? [] }

  /// Where the sockets came from; `nil` when none could be read.
  package var source: SourceName? {
    outcomes.lazy.compactMap(\.source).first
  }

  /// What went wrong, a sentence each; empty when all was read.
  package var problems: [String] { outcomes.compactMap(\.problem) }

  /// What is no failure and yet worth knowing, such as a right that is missing.
  package var remarks: [String] { outcomes.compactMap(\.remark) }
}
