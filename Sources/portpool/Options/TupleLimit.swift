internal import ArgumentParser

/// How many tuples to list: a number, or `all`.
enum TupleLimit: ExpressibleByArgument, Sendable, Hashable {
  case atMost(Int)
  case all

  init?(argument: String) {
    if argument == "all" {
      self = .all
    } else if let count = Int(argument), count >= 0 {
      self = .atMost(count)
    } else {
      return nil
    }
  }

  /// `nil` for all.
  var count: Int? {
    switch self {
    case .atMost(let count): count
    case .all: nil
    }
  }

  var defaultValueDescription: String { count.map { "\($0)" } ?? "all" }
}
