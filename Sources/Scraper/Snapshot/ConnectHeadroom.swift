package import PortModel

/// What is left for `connect()` without a bound port: for each tuple its own pool (`kernel.md`, first pool).
///
/// Kernel: `__inet_hash_connect` in `net/ipv4/inet_hashtables.c`.
package struct ConnectHeadroom: Sendable, Hashable {
  /// Ports a connect() can be given: pool minus blocked. The headroom of a tuple never seen.
  package let capacity: Int
  /// Of ``capacity``: ports of the parity that is tried first.
  package let firstParityCapacity: Int
  /// Tuples that hold a pool port, by family.
  package let tupleCounts: [AddressFamily: Int]
  /// The fullest tuples, least headroom first; at most as many as were asked for.
  package let tuples: [TupleHeadroom]
  /// The tuple with the least headroom, by family; none where no tuple holds a port.
  package let worst: [AddressFamily: TupleHeadroom]

  /// Ports held by the fullest tuple of either family, reusable TIME_WAIT not counted.
  package var mostHeld: Int { worst.values.map(\.held).max() ?? 0 }

  init(_ tally: borrowing TCPTally, range: PortRange, limit: Int?) {
    let capacity = PoolCapacity(pool: tally.pool, blocked: tally.blocked, range: range)
    self.capacity = capacity.connect
    firstParityCapacity = capacity.firstParity
    // By family, since a dictionary would be asked for each of half a million tuples.
    var counts = [Int](repeating: 0, count: AddressFamily.allCases.count)
    var worst = [TupleEntry?](repeating: nil, count: AddressFamily.allCases.count)
    var fullest = FullestTuples(limit: limit)
    tally.tuples.forEach { entry in
      let family = Int(entry.tuple.destination.family.rawValue)
      counts[family] += 1
      if worst[family].map({ entry.isFuller(than: $0) }) ?? true { worst[family] = entry }
      fullest.consider(entry)
    }
    tupleCounts = Dictionary(uniqueKeysWithValues: AddressFamily.allCases.map { ($0, counts[Int($0.rawValue)]) })
    self.worst = Dictionary(
      uniqueKeysWithValues: AddressFamily.allCases.compactMap { family in
        worst[Int(family.rawValue)].map { (family, TupleHeadroom($0, capacity: capacity)) }
      })
    tuples = fullest.sorted().map { TupleHeadroom($0, capacity: capacity) }
  }
}

/// The fullest of the tuples that pass by, in memory for so many and no more: half a million may be equally full.
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
  /// More ports held, and among equals a fixed order, so that two snapshots of the same sockets are equal.
  fileprivate func isFuller(than other: TupleEntry) -> Bool {
    if held != other.held { return held > other.held }
    if tuple.source != other.tuple.source { return tuple.source < other.tuple.source }
    if tuple.destination != other.tuple.destination { return tuple.destination < other.tuple.destination }
    return tuple.destinationPort < other.tuple.destinationPort
  }
}
