internal import PortModel

extension ConnectHeadroom {
  /// - Parameters:
  ///   - limit: how many of the fullest tuples to keep; `nil` for all.
  ///   - zone: what a device is called.
  init(_ tally: borrowing TCPTally, range: PortRange, limit: Int?, zone: (_ device: UInt32) -> String) {
    var ranking = TupleRanking(limit: limit)
    tally.tuples.forEach { own in ranking.consider(own.key.device == 0 ? own : tally.asDeviceMeets(own)) }
    self.init(ranking, capacity: PoolCapacity(pool: tally.pool, blocked: tally.blocked, range: range), zone: zone)
  }

  /// What `ranking` has seen, with what it says of the number of tuples.
  ///
  /// - Parameters:
  ///   - tupleCounts: how many tuples there are, if they were not all among those.
  ///   - onDevice: what a connect() on a device can be given, if not the same.
  init(
    _ ranking: TupleRanking, capacity: PoolCapacity, tupleCounts: [AddressFamily: Int]? = nil,
    onDevice: ((_ device: UInt32) -> PoolCapacity)? = nil, zone: (_ device: UInt32) -> String
  ) {
    func headroom(_ entry: TupleEntry) -> TupleHeadroom {
      TupleHeadroom(entry, capacity: onDevice?(entry.key.device) ?? capacity, zone: zone)
    }
    func byFamily(_ entries: [TupleEntry?]) -> [AddressFamily: TupleHeadroom] {
      Dictionary(
        uniqueKeysWithValues: AddressFamily.allCases.compactMap { family in
          entries[Int(family.rawValue)].map { (family, headroom($0)) }
        })
    }
    self.init(
      capacity: capacity.connect, firstParityCapacity: capacity.firstParity,
      tupleCounts: tupleCounts ?? Dictionary(uniqueKeysWithValues: AddressFamily.allCases.map { ($0, ranking.counts[Int($0.rawValue)]) }),
      tuples: ranking.fullest.map(headroom), worst: byFamily(ranking.worst),
      pessimistic: byFamily(ranking.pessimistic))
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
