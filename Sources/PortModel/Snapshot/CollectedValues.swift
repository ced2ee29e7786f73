/// What a collector found in one namespace. A collector of its own makes its value a type of this kind; nothing else has to know the type but the
/// collector and whoever shows the value.
package protocol CollectedValue: Sendable, Hashable {}

/// The values of one namespace, at most one of each type: `values[Conntrack.self]`.
package struct CollectedValues: Sendable, Hashable {
  private var values: [ObjectIdentifier: any CollectedValue] = [:]

  package init() {}

  /// The value of this type; `nil` if its collector is off or failed, or found nothing.
  package subscript<Value: CollectedValue>(type: Value.Type) -> Value? {
    get { values[ObjectIdentifier(type)] as? Value }
    set { values[ObjectIdentifier(type)] = newValue }
  }

  /// Takes over the values of `other`.
  package mutating func formUnion(_ other: CollectedValues) { values.merge(other.values) { _, new in new } }

  package static func == (left: CollectedValues, right: CollectedValues) -> Bool {
    left.values.count == right.values.count
      && left.values.allSatisfy { type, value in right.values[type].map { value.isEqual(to: $0) } ?? false }
  }

  package func hash(into hasher: inout Hasher) {
    // The order of a dictionary is not its own, so that only what has no order counts.
    var sum = 0
    for value in values.values { sum ^= value.hashValue }
    hasher.combine(sum)
  }
}

extension CollectedValue {
  fileprivate func isEqual(to other: any CollectedValue) -> Bool { other as? Self == self }
}

/// The connection tracking of one namespace: which entries it holds, and what it lost.
///
/// Kernel: `net/netfilter/nf_conntrack_standalone.c`.
package struct Conntrack: CollectedValue {
  /// How full the table is; `nil` where that does not show, as from outside a namespace.
  package let fill: Fill?
  /// The sums over all processors since the namespace began; `nil` for a kernel without `CONFIG_NF_CONNTRACK_PROCFS`.
  package let counters: Counters?

  package init(fill: Fill?, counters: Counters?) {
    self.fill = fill
    self.counters = counters
  }

  /// Entries in use and the most there may be.
  package struct Fill: Sendable, Hashable {
    /// `nf_conntrack_count`, which is the namespace's own.
    package let entries: UInt64
    /// `nf_conntrack_max`, one number for the whole host.
    package let limit: UInt64

    package init(entries: UInt64, limit: UInt64) {
      self.entries = entries
      self.limit = limit
    }
  }

  /// What connection tracking did since the namespace began.
  package struct Counters: Sendable, Hashable {
    /// New connections that could not be entered: address translation found no free port, or two packets raced.
    package let insertFailed: UInt64
    /// Packets dropped: the table was full, or their connection could not be entered, which ``insertFailed`` counts as well.
    package let dropped: UInt64
    /// Entries thrown out early to make room.
    package let droppedEarly: UInt64
    /// Times that the search for a free port came upon one that is taken.
    package let takenProbes: UInt64

    package init(insertFailed: UInt64, dropped: UInt64, droppedEarly: UInt64, takenProbes: UInt64) {
      self.insertFailed = insertFailed
      self.dropped = dropped
      self.droppedEarly = droppedEarly
      self.takenProbes = takenProbes
    }
  }
}
