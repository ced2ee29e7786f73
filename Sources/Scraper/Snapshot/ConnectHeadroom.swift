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
    var counts: [AddressFamily: Int] = [.ipv4: 0, .ipv6: 0]
    var worst: [AddressFamily: TupleEntry] = [:]
    // How many tuples hold how many ports tells which ones are the fullest, without sorting all of them.
    var byHeld = [Int](repeating: 0, count: range.count + 1)
    tally.tuples.forEach { entry in
      let family = entry.tuple.destination.family
      counts[family, default: 0] += 1
      byHeld[min(entry.held, byHeld.count - 1)] += 1
      if let other = worst[family], !entry.isFuller(than: other) { return }
      worst[family] = entry
    }
    tupleCounts = counts
    self.worst = worst.mapValues { TupleHeadroom($0, capacity: capacity) }
    tuples = Self.fullest(tally, limit ?? .max, byHeld, capacity)
  }

  private static func fullest(
    _ tally: borrowing TCPTally, _ limit: Int, _ byHeld: [Int], _ capacity: PoolCapacity
  ) -> [TupleHeadroom] {
    guard limit > 0 else { return [] }
    var (least, found) = (byHeld.count, 0)
    while least > 0, found < limit {
      least -= 1
      found += byHeld[least]
    }
    var entries: [TupleEntry] = []
    entries.reserveCapacity(min(found, tally.tuples.count))
    tally.tuples.forEach { if min($0.held, byHeld.count - 1) >= least { entries.append($0) } }
    entries.sort { $0.isFuller(than: $1) }
    return entries.prefix(limit).map { TupleHeadroom($0, capacity: capacity) }
  }
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
