package import PortModel

/// What was refused, as it was counted in the kernel: by namespace, and by who wanted what.
package struct RefusalCounts: Sendable, Hashable {
  /// A namespace, told from an earlier one that had the same number.
  package struct Namespace: Sendable, Hashable {
    package let id: NetworkNamespaceID
    /// 0 before Linux 5.14.
    package let cookie: UInt64

    package init(id: NetworkNamespaceID, cookie: UInt64) {
      self.id = id
      self.cookie = cookie
    }
  }

  package struct Case: Sendable, Hashable {
    package let namespace: Namespace
    package let kind: Refusals.Kind
    package let tuple: Tuple
    package let program: String

    package init(namespace: Namespace, kind: Refusals.Kind, tuple: Tuple, program: String) {
      self.namespace = namespace
      self.kind = kind
      self.tuple = tuple
      self.program = program
    }
  }

  /// How many in a namespace, and when the last was: nanoseconds of `CLOCK_MONOTONIC`.
  package struct InNamespace: Sendable, Hashable {
    package var counts: Refusals.Counts
    package var last: UInt64

    package init(counts: Refusals.Counts, last: UInt64) {
      self.counts = counts
      self.last = last
    }
  }

  package struct Repeated: Sendable, Hashable {
    package var count: UInt64
    package var last: UInt64

    package init(count: UInt64, last: UInt64) {
      self.count = count
      self.last = last
    }
  }

  package private(set) var namespaces: [Namespace: InNamespace] = [:]
  package private(set) var cases: [Case: Repeated] = [:]

  package init() {}

  package mutating func add(_ counts: Refusals.Counts, last: UInt64, in namespace: Namespace) {
    var known = namespaces[namespace] ?? InNamespace(counts: Refusals.Counts(), last: 0)
    for kind in Refusals.Kind.allCases { known.counts[kind] &+= counts[kind] }
    known.last = max(known.last, last)
    namespaces[namespace] = known
  }

  package mutating func add(_ count: UInt64, last: UInt64, of each: Case) {
    var known = cases[each] ?? Repeated(count: 0, last: 0)
    known.count &+= count
    known.last = max(known.last, last)
    cases[each] = known
  }

  package mutating func formUnion(_ other: RefusalCounts) {
    for (namespace, value) in other.namespaces { add(value.counts, last: value.last, in: namespace) }
    for (each, value) in other.cases { add(value.count, last: value.last, of: each) }
  }

  /// Keeps those that happened last, so that what is remembered has a bound, and of namespaces with one number the latest: the others are gone.
  package mutating func forget(namespacesBeyond namespaceLimit: Int, casesBeyond caseLimit: Int) {
    for (namespace, value) in namespaces
    where namespaces.contains(where: { $0.key.id == namespace.id && $0.key != namespace && $0.value.last > value.last }) {
      namespaces[namespace] = nil
    }
    if namespaces.count > namespaceLimit {
      let latest = namespaces.sorted { $0.value.last > $1.value.last }.prefix(namespaceLimit)
      namespaces = Dictionary(uniqueKeysWithValues: latest.map { ($0.key, $0.value) })
    }
    cases = cases.filter { namespaces[$0.key.namespace] != nil }
    if cases.count > caseLimit {
      let latest = cases.sorted { $0.value.last > $1.value.last }.prefix(caseLimit)
      cases = Dictionary(uniqueKeysWithValues: latest.map { ($0.key, $0.value) })
    }
  }
}
