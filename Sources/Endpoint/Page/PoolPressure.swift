/// How full a pool is, in three steps. The raw value is the class in the style sheet.
enum PoolPressure: String {
  case ok, warn, bad

  /// Filling up from 60 percent, nearly out from 85.
  init(headroom: Int, capacity: Int) {
    switch Self.left(headroom, of: capacity) {
    case ..<0.15: self = .bad
    case ..<0.4: self = .warn
    default: self = .ok
    }
  }

  /// For the reader who sees no colours.
  var words: String {
    switch self {
    case .ok: "plenty left"
    case .warn: "filling up"
    case .bad: "nearly out"
    }
  }

  /// The part of the capacity that is left, from 0 to 1.
  fileprivate static func left(_ headroom: Int, of capacity: Int) -> Double {
    capacity > 0 ? min(1, max(0, Double(headroom) / Double(capacity))) : 0
  }
}

extension PagePool {
  var pressure: PoolPressure { PoolPressure(headroom: headroom, capacity: capacity) }
}

extension PageTuple {
  var pressure: PoolPressure { PoolPressure(headroom: headroom, capacity: capacity) }
}

extension PageModel {
  /// The pool with the least left in proportion, over all namespaces.
  var worstPool: PagePool? {
    namespaces.flatMap(\.pools).min { PoolPressure.left($0.headroom, of: $0.capacity) < PoolPressure.left($1.headroom, of: $1.capacity) }
  }
}
