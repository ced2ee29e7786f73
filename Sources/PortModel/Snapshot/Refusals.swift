/// What the kernel has refused for want of a free port since somebody counts it. Each is a call of a program that failed: the outage itself, which every
/// other number only foretells.
///
/// Of all namespaces of the host, and kept with the one that the exporter runs in.
package struct Refusals: CollectedValue {
  /// What is asked for a port: one series each.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// `connect()` of a TCP socket without a port: none is left for its destination.
    case connect
    /// `connect()` of a TCP socket that is bound: another has its port to the same destination.
    case connectBound = "connect_bound"
    /// `bind()` to port 0, or `listen()` without `bind()`, of a TCP socket.
    case bind
    /// `bind()` to port 0, or `connect()` and sending without `bind()`, of a UDP socket.
    case udp

    /// Whether a destination belongs to it.
    package var hasDestination: Bool { self == .connect || self == .connectBound }
  }

  /// How many were refused, by kind.
  package struct Counts: Sendable, Hashable {
    private var values: [Kind: UInt64] = [:]

    package init() {}
    package init(_ values: [Kind: UInt64]) { self.values = values.filter { $0.value > 0 } }

    package subscript(kind: Kind) -> UInt64 {
      get { values[kind] ?? 0 }
      set { values[kind] = newValue > 0 ? newValue : nil }
    }

    /// All kinds together.
    package var total: UInt64 { values.values.reduce(0, &+) }
  }

  /// A namespace, and how much was refused in it.
  package struct Namespace: Sendable, Hashable {
    /// The label value: `host`, a name below `/run/netns`, or the inode number; ``other`` for all that there was no room for.
    package let name: String
    package let counts: Counts
    /// When the last one was refused, in seconds since 1970; `nil` for never.
    package let last: Int64?

    package init(name: String, counts: Counts, last: Int64?) {
      self.name = name
      self.counts = counts
      self.last = last
    }
  }

  /// Who was refused what, and how often.
  package struct Case: Sendable, Hashable {
    package let namespace: String
    package let kind: Kind
    /// Without a destination for the kinds that have none.
    package let tuple: Tuple
    /// The thread's name, `nginx`: 15 bytes of whatever the program chose.
    package let program: String
    package let count: UInt64
    /// When it last happened, in seconds since 1970.
    package let last: Int64

    package init(namespace: String, kind: Kind, tuple: Tuple, program: String, count: UInt64, last: Int64) {
      self.namespace = namespace
      self.kind = kind
      self.tuple = tuple
      self.program = program
      self.count = count
      self.last = last
    }

    /// `10.0.0.5 → 10.0.0.9:5432`, `bind() of 10.0.0.5`, `UDP from 0.0.0.0`
    package var title: String {
      switch kind {
      case .connect: tuple.arrow
      case .connectBound: "\(tuple.arrow), bound first"
      case .bind: "bind() to \(tuple.sourceText)"
      case .udp: "UDP from \(tuple.sourceText)"
      }
    }
  }

  /// What stands for the namespaces that there was no room for.
  package static let other = "other"

  /// What is counted here: all of them, or where no program may follow the kernel's functions ``Kind/connect`` alone.
  package let kinds: [Kind]
  /// The exporter's own first, even if nothing was refused in it; then those with the latest.
  package let namespaces: [Namespace]
  /// Those with the most first.
  package let cases: [Case]
  /// Calls of the whole host that asked for a port and went unseen, successful or not: the most refusals that can be missing here. `nil` if the kernel does not
  /// say it.
  package let missed: UInt64?

  package init(kinds: [Kind] = Kind.allCases, namespaces: [Namespace], cases: [Case] = [], missed: UInt64? = nil) {
    self.kinds = kinds
    self.namespaces = namespaces
    self.cases = cases
    self.missed = missed
  }

  /// Whether more may have been refused than is counted.
  package var isLowerBound: Bool { missed ?? 0 > 0 }

  /// How much was refused in a namespace; `nil` if nothing, or it is not known.
  package subscript(namespace name: String) -> Namespace? { namespaces.first { $0.name == name && $0.counts.total > 0 } }

  /// Over all namespaces.
  package var total: UInt64 { namespaces.reduce(0) { $0 &+ $1.counts.total } }

  /// When the last one was refused anywhere.
  package var last: Int64? { namespaces.compactMap(\.last).max() }

  /// The same without the addresses and ports of peers. What then has one name is one case.
  package var withoutPeers: Refusals {
    var merged: [Case] = []
    for each in cases {
      let tuple = each.tuple.withoutPeer
      if let index = merged.firstIndex(where: {
        ($0.namespace, $0.kind, $0.program) == (each.namespace, each.kind, each.program) && $0.tuple == tuple
      }) {
        let known = merged[index]
        merged[index] = Case(
          namespace: known.namespace, kind: known.kind, tuple: tuple, program: known.program, count: known.count &+ each.count,
          last: max(known.last, each.last))
      } else {
        merged.append(
          Case(namespace: each.namespace, kind: each.kind, tuple: tuple, program: each.program, count: each.count, last: each.last))
      }
    }
    return Refusals(kinds: kinds, namespaces: namespaces, cases: merged.sorted { $0.count > $1.count }, missed: missed)
  }
}

extension PoolSnapshot {
  /// What was refused on the whole host; `nil` without the collector `refusals`.
  package var refusals: Refusals? { own?[Refusals.self] }
}
