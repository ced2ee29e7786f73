internal import PortModel

/// What is kept of the tuples that pass by: how many there are, the worst of each family, and the fullest.
struct TupleRanking {
  // By family, since a dictionary would be asked for each of half a million tuples.
  private(set) var counts = [Int](repeating: 0, count: AddressFamily.allCases.count)
  private(set) var worst = [TupleEntry?](repeating: nil, count: AddressFamily.allCases.count)
  private(set) var pessimistic = [TupleEntry?](repeating: nil, count: AddressFamily.allCases.count)
  private var kept: FullestTuples

  /// - Parameter limit: how many of the fullest tuples to keep; `nil` for all.
  init(limit: Int?) {
    kept = FullestTuples(limit: limit)
  }

  mutating func consider(_ entry: TupleEntry) {
    let family = Int(entry.key.destination.family.rawValue)
    counts[family] += 1
    if worst[family].map({ entry.isFuller(than: $0) }) ?? true { worst[family] = entry }
    if pessimistic[family].map({ entry.mayBeFuller(than: $0) }) ?? true { pessimistic[family] = entry }
    kept.consider(entry)
  }

  /// In order.
  var fullest: [TupleEntry] { kept.sorted() }
}

/// The fullest of the tuples that pass by, at most ``limit`` of them in memory: half a million may be equally full.
private struct FullestTuples {
  private let limit: Int
  /// In order once there are ``limit`` of them.
  private var entries: [TupleEntry] = []

  init(limit: Int?) {
    self.limit = limit ?? .max
  }

  mutating func consider(_ entry: TupleEntry) {
    guard entries.count >= limit else {
      entries.append(entry)
      if entries.count == limit { entries = sorted() }
      return
    }
    guard let last = entries.last, entry.isFuller(than: last) else { return }
    var (low, high) = (0, entries.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if entry.isFuller(than: entries[middle]) { high = middle } else { low = middle + 1 }
    }
    entries.removeLast()
    entries.insert(entry, at: low)
  }

  func sorted() -> [TupleEntry] { entries.sorted { $0.isFuller(than: $1) } }
}

extension TupleEntry {
  /// As ``isFuller(than:)`` for peers without timestamps, where it is not known that they use them.
  fileprivate func mayBeFuller(than other: TupleEntry) -> Bool {
    let (atMost, otherAtMost) = (heldAtMost - Int(capacity), other.heldAtMost - Int(other.capacity))
    return atMost != otherAtMost ? atMost > otherAtMost : isFuller(than: other)
  }

  /// Fewer ports left, then more in TIME_WAIT, and among equals a fixed order, so that two snapshots of the same sockets are equal.
  fileprivate func isFuller(than other: TupleEntry) -> Bool {
    let (left, otherLeft) = (Int(capacity) - held, Int(other.capacity) - other.held)
    if left != otherLeft { return left < otherLeft }
    if used != other.used { return used > other.used }
    if key.source != other.key.source { return key.source < other.key.source }
    if key.destination != other.key.destination { return key.destination < other.key.destination }
    if key.destinationPort != other.key.destinationPort { return key.destinationPort < other.key.destinationPort }
    return key.device < other.key.device
  }
}
