/// Every port of a range and what holds it.
package struct PortMap: Sendable, Hashable {
  /// A stretch of ports held by the same.
  package struct Run: Sendable, Hashable {
    /// The first port.
    package let first: Int
    /// How many ports.
    package let count: Int
    /// What holds each of them.
    package let kind: PortKind
  }

  /// What the picture shows: `TCP`.
  package let name: String
  /// The first port of the range.
  package let first: Int
  /// One kind for each port, from ``first`` on.
  package let kinds: [PortKind]

  /// The map of the range that begins at `first` and has as many ports as `kinds`.
  package init(name: String, first: Int, kinds: [PortKind]) {
    self.name = name
    self.first = first
    self.kinds = kinds
  }

  /// The last port of the range.
  package var last: Int { first + kinds.count - 1 }

  /// How many ports each kind has, in the order of the cases, kinds without a port included.
  package var counts: [(kind: PortKind, count: Int)] {
    var counts = [Int](repeating: 0, count: PortKind.allCases.count)
    for kind in kinds { counts[Int(kind.rawValue)] += 1 }
    return PortKind.allCases.map { ($0, counts[Int($0.rawValue)]) }
  }

  /// The map as stretches of the same kind, in order: a calm pool of 28,232 ports is a handful.
  package var runs: [Run] {
    var runs: [Run] = []
    var start = 0
    while start < kinds.count {
      var end = start + 1
      while end < kinds.count, kinds[end] == kinds[start] { end += 1 }
      runs.append(Run(first: first + start, count: end - start, kind: kinds[start]))
      start = end
    }
    return runs
  }
}
