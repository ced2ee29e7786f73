/// How the tuples are sorted.
package struct TupleOrder: Sendable, Hashable {
  package var column = Column.used
  package var isReversed = false

  package init() {}

  /// What they are sorted by, in the order of the key `s`.
  package enum Column: Sendable, Hashable, CaseIterable {
    /// Most ports first.
    case used
    /// Fastest growing first; those not known last.
    case rate
    /// Most TIME_WAIT ports that return within a minute first.
    case returning
    /// By name.
    case destination

    var name: String {
      switch self {
      case .used: "used"
      case .rate: "rate"
      case .returning: "returning"
      case .destination: "destination"
      }
    }
  }

  /// The next column, largest first again.
  mutating func advance() {
    let all = Column.allCases
    column = all[((all.firstIndex(of: column) ?? 0) + 1) % all.count]
    isReversed = false
  }

  /// Sorts; equal tuples keep a fixed order, so that a calm host gives a calm list.
  func sorted(_ tuples: [LiveTuple], rate: (LiveTuple.ID) -> Double?) -> [LiveTuple] {
    let sorted = tuples.map { ($0, rate($0.id) ?? -.infinity) }.sorted { left, right in
      switch column {
      case .used: if left.0.held != right.0.held { return left.0.held > right.0.held }
      case .rate: if left.1 != right.1 { return left.1 > right.1 }
      case .returning:
        let (a, b) = (left.0.returning(within: 60), right.0.returning(within: 60))
        if a != b { return a > b }
      case .destination: break
      }
      return (left.0.id.destination, left.0.id.source) < (right.0.id.destination, right.0.id.source)
    }
    let list = sorted.map(\.0)
    return isReversed ? list.reversed() : list
  }
}
