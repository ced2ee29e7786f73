/// What is left for `connect()` without a bound port: each tuple has a pool of its own.
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
  /// The tuple with the least headroom, by family; a family in which no tuple holds a port has none.
  package let worst: [AddressFamily: TupleHeadroom]

  package init(
    capacity: Int, firstParityCapacity: Int, tupleCounts: [AddressFamily: Int], tuples: [TupleHeadroom],
    worst: [AddressFamily: TupleHeadroom]
  ) {
    self.capacity = capacity
    self.firstParityCapacity = firstParityCapacity
    self.tupleCounts = tupleCounts
    self.tuples = tuples
    self.worst = worst
  }

  /// Ports held by the fullest tuple of either family, reusable TIME_WAIT not counted.
  package var mostHeld: Int { worst.values.map(\.held).max() ?? 0 }
}

/// One tuple and what is left for it.
package struct TupleHeadroom: Sendable, Hashable {
  package let tuple: Tuple
  /// Ports with a socket of the tuple in any state, reusable TIME_WAIT included.
  package let used: Int
  /// Of ``used``: TIME_WAIT ports that connect() may take over.
  package let reusable: Int
  /// Connects left before `EADDRNOTAVAIL`.
  package let headroom: Int
  /// Of ``headroom``: ports of the parity that connect() tries first. At 0 connect() has become slow.
  package let firstParityFree: Int
  /// TIME_WAIT ports that come back within ``returnTimes`` seconds, cumulative.
  package let returning: [Int]

  /// In seconds.
  package static let returnTimes = [5, 15, 30, 60]

  package init(tuple: Tuple, used: Int, reusable: Int, headroom: Int, firstParityFree: Int, returning: [Int]) {
    self.tuple = tuple
    self.used = used
    self.reusable = reusable
    self.headroom = headroom
    self.firstParityFree = firstParityFree
    self.returning = returning
  }

  /// Ports in use, reusable TIME_WAIT not counted.
  package var held: Int { used - reusable }

  package var family: AddressFamily { tuple.destination.family }

  /// TIME_WAIT ports that come back within `seconds`, which is one of ``returnTimes``.
  package func returning(within seconds: Int) -> Int {
    guard let index = Self.returnTimes.firstIndex(of: seconds), returning.indices.contains(index) else { return 0 }
    return returning[index]
  }
}
