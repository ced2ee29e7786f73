internal import PortModel

extension ConnectHeadroom {
  /// - Parameter limit: how many of the fullest tuples to keep; `nil` for all.
  init(_ tally: borrowing TCPTally, range: PortRange, limit: Int?) {
    let capacity = PoolCapacity(pool: tally.pool, blocked: tally.blocked, range: range)
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
    self.init(
      capacity: capacity.connect, firstParityCapacity: capacity.firstParity,
      tupleCounts: Dictionary(uniqueKeysWithValues: AddressFamily.allCases.map { ($0, counts[Int($0.rawValue)]) }),
      tuples: fullest.sorted().map { TupleHeadroom($0, capacity: capacity) },
      worst: Dictionary(
        uniqueKeysWithValues: AddressFamily.allCases.compactMap { family in
          worst[Int(family.rawValue)].map { (family, TupleHeadroom($0, capacity: capacity)) }
        }))
  }
}

extension TupleHeadroom {
  init(_ entry: TupleEntry, capacity: PoolCapacity) {
    let (within5, to15, to30, to60) = entry.returning
    var sum = 0
    let returning = [within5, to15, to30, to60].map {
      sum += Int($0)
      return sum
    }
    self.init(
      tuple: entry.tuple, used: Int(entry.used), reusable: Int(entry.reusable), headroom: max(0, capacity.connect - entry.held),
      firstParityFree: max(0, capacity.firstParity - entry.firstParityHeld), returning: returning)
  }
}

/// How many ports a connect() can be given at all.
struct PoolCapacity: Sendable, Hashable {
  /// Pool minus blocked.
  let connect: Int
  /// Of those, the ports with the parity of the range's first port.
  let firstParity: Int

  init(pool: PortSet, blocked: PortSet, range: PortRange) {
    var open = pool
    open.subtract(blocked)
    connect = open.count
    firstParity = open.count(parityOf: range.first)
  }
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
  /// More ports held, and among equals a fixed order, so that two snapshots of the same sockets are equal.
  fileprivate func isFuller(than other: TupleEntry) -> Bool {
    if held != other.held { return held > other.held }
    if tuple.source != other.tuple.source { return tuple.source < other.tuple.source }
    if tuple.destination != other.tuple.destination { return tuple.destination < other.tuple.destination }
    return tuple.destinationPort < other.tuple.destinationPort
  }
}
