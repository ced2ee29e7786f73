internal import PortModel

extension ConnectHeadroom {
  /// - Parameters:
  ///   - limit: how many of the fullest tuples to keep; `nil` for all.
  ///   - zone: what a device is called.
  init(_ tally: borrowing TCPTally, range: PortRange, limit: Int?, zone: (_ device: UInt32) -> String) {
    let capacity = PoolCapacity(pool: tally.pool, blocked: tally.blocked, range: range)
    // By family, since a dictionary would be asked for each of half a million tuples.
    var counts = [Int](repeating: 0, count: AddressFamily.allCases.count)
    var worst = [TupleEntry?](repeating: nil, count: AddressFamily.allCases.count)
    var pessimistic = worst
    var fullest = FullestTuples(limit: limit)
    tally.tuples.forEach { own in
      let entry = own.key.device == 0 ? own : tally.asDeviceMeets(own)
      let family = Int(entry.key.destination.family.rawValue)
      counts[family] += 1
      if worst[family].map({ entry.isFuller(than: $0) }) ?? true { worst[family] = entry }
      if pessimistic[family].map({ entry.mayBeFuller(than: $0) }) ?? true { pessimistic[family] = entry }
      fullest.consider(entry)
    }
    func byFamily(_ entries: [TupleEntry?]) -> [AddressFamily: TupleHeadroom] {
      Dictionary(
        uniqueKeysWithValues: AddressFamily.allCases.compactMap { family in
          entries[Int(family.rawValue)].map { (family, TupleHeadroom($0, capacity: capacity, zone: zone)) }
        })
    }
    self.init(
      capacity: capacity.connect, firstParityCapacity: capacity.firstParity,
      tupleCounts: Dictionary(uniqueKeysWithValues: AddressFamily.allCases.map { ($0, counts[Int($0.rawValue)]) }),
      tuples: fullest.sorted().map { TupleHeadroom($0, capacity: capacity, zone: zone) }, worst: byFamily(worst),
      pessimistic: byFamily(pessimistic))
  }
}

extension TupleHeadroom {
  init(_ entry: TupleEntry, capacity: PoolCapacity, zone: (_ device: UInt32) -> String) {
    let key = entry.key
    let (within5, to15, to30, to60) = entry.returning
    var sum = 0
    let returning = [within5, to15, to30, to60].map {
      sum = min(Int(entry.used), sum + Int($0))
      return sum
    }
    self.init(
      tuple: Tuple(
        source: key.source, destination: key.destination, destinationPort: key.destinationPort,
        zone: key.device == 0 ? nil : zone(key.device)),
      used: Int(entry.used), reusable: Int(entry.reusable), headroom: max(0, capacity.connect - entry.held),
      firstParityFree: max(0, capacity.firstParity - entry.firstParityHeld), returning: returning,
      usesTimestamps: entry.usesTimestamps)
  }
}

extension TCPTally {
  /// The tuple of `entry`, which is on a device, as a connect() there meets it: sockets on no device are in its way too. A port that both hold is
  /// counted once, as far as their bitmaps tell.
  ///
  /// Kernel: `inet_match` in `include/net/inet_hashtables.h`.
  fileprivate func asDeviceMeets(_ entry: TupleEntry) -> TupleEntry {
    guard let other = tuples.entry(of: entry.key.onNoDevice) else { return entry }
    var common = (all: 0, even: 0)
    if entry.bitmap >= 0, other.bitmap >= 0 { common = bitmaps[Int(entry.bitmap)].common(with: bitmaps[Int(other.bitmap)]) }
    func sum(_ field: KeyPath<TupleEntry, UInt16>, less common: Int) -> UInt16 {
      UInt16(clamping: Int(entry[keyPath: field]) + Int(other[keyPath: field]) - common)
    }
    var together = entry
    together.used = sum(\.used, less: common.all)
    together.firstParityUsed = sum(\.firstParityUsed, less: common.even)
    // Which of two sockets on one port is the reusable one is not known: neither.
    together.reusable = sum(\.reusable, less: common.all)
    together.firstParityReusable = sum(\.firstParityReusable, less: common.even)
    if entry.timestamps != other.timestamps { together.timestamps = .unknown }
    together.returning.0 = sum(\.returning.0, less: 0)
    together.returning.1 = sum(\.returning.1, less: 0)
    together.returning.2 = sum(\.returning.2, less: 0)
    together.returning.3 = sum(\.returning.3, less: 0)
    return together
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
  /// As ``isFuller(than:)`` for peers without timestamps, where it is not known that they use them.
  fileprivate func mayBeFuller(than other: TupleEntry) -> Bool {
    heldAtMost != other.heldAtMost ? heldAtMost > other.heldAtMost : isFuller(than: other)
  }

  /// More ports held, then more in TIME_WAIT, and among equals a fixed order, so that two snapshots of the same sockets are equal.
  fileprivate func isFuller(than other: TupleEntry) -> Bool {
    if held != other.held { return held > other.held }
    if used != other.used { return used > other.used }
    if key.source != other.key.source { return key.source < other.key.source }
    if key.destination != other.key.destination { return key.destination < other.key.destination }
    if key.destinationPort != other.key.destinationPort { return key.destinationPort < other.key.destinationPort }
    return key.device < other.key.device
  }
}
