extension PagePool {
  /// How full the pool is, in three steps. The raw value is the class in the style sheet.
  enum Pressure: String {
    case ok, warn, bad

    /// For the reader who sees no colours.
    var words: String {
      switch self {
      case .ok: "plenty left"
      case .warn: "filling up"
      case .bad: "nearly out"
      }
    }
  }

  /// The part of the capacity that is left, from 0 to 1.
  var left: Double {
    guard capacity > 0 else { return 0 }
    return min(1, max(0, Double(headroom) / Double(capacity)))
  }

  /// Filling up from 60 percent, nearly out from 85.
  var pressure: Pressure {
    if left < 0.15 { return .bad }
    return left < 0.4 ? .warn : .ok
  }
}

extension PageModel {
  /// The pool with the least left in proportion, over all namespaces.
  var worstPool: PagePool? {
    namespaces.flatMap(\.pools).min { $0.left < $1.left }
  }
}
