internal import PortModel

/// How the tuples are sorted.
package struct TupleOrder: Sendable, Hashable {
  package var column = Column.used
  package var isReversed = false

  package init() {}

  /// What they are sorted by, in the order of the key `s`.
  package enum Column: Sendable, Hashable, CaseIterable {
    /// Most ports first.
    case used
    /// Fastest growing first; tuples without a known rate last.
    case rate
    /// Most TIME_WAIT ports that return within a minute first.
    case returning
    /// By name.
    case destination
  }

  /// The next column, largest first again.
  mutating func advance() {
    let all = Column.allCases
    column = all[((all.firstIndex(of: column) ?? 0) + 1) % all.count]
    isReversed = false
  }

  /// Sorts; equal tuples are in the order of their names, so that the list of an idle host does not move.
  func sorted(_ tuples: [TupleHeadroom], rate: (Tuple) -> Double?) -> [TupleHeadroom] {
    var rows = tuples.map { Row(tuple: $0, rate: rate($0.tuple) ?? -.infinity, name: $0.destination, source: $0.tuple.sourceText) }
    rows.sort { left, right in
      switch column {
      case .used: if left.tuple.held != right.tuple.held { return left.tuple.held > right.tuple.held }
      case .rate: if left.rate != right.rate { return left.rate > right.rate }
      case .returning:
        let (a, b) = (left.tuple.returning(within: 60), right.tuple.returning(within: 60))
        if a != b { return a > b }
      case .destination: break
      }
      return (left.name, left.source) < (right.name, right.source)
    }
    let list = rows.map(\.tuple)
    return isReversed ? list.reversed() : list
  }

  /// A tuple with what it is compared by.
  private struct Row {
    let tuple: TupleHeadroom
    let rate: Double
    let name: String
    let source: String
  }
}
