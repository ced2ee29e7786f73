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
  /// The tuple with the least ``TupleHeadroom/leastHeadroom``, by family. It may be another one: a tuple full of TIME_WAIT is well if its peer uses
  /// timestamps, and exhausted if it does not.
  package let pessimistic: [AddressFamily: TupleHeadroom]

  /// - Parameter pessimistic: `worst` if absent.
  package init(
    capacity: Int, firstParityCapacity: Int, tupleCounts: [AddressFamily: Int], tuples: [TupleHeadroom],
    worst: [AddressFamily: TupleHeadroom], pessimistic: [AddressFamily: TupleHeadroom]? = nil
  ) {
    self.capacity = capacity
    self.firstParityCapacity = firstParityCapacity
    self.tupleCounts = tupleCounts
    self.tuples = tuples
    self.worst = worst
    self.pessimistic = pessimistic ?? worst
  }

  /// Connects left at least, for the tuple of `family` with the fewest.
  package func leastHeadroom(_ family: AddressFamily) -> Int {
    min(pessimistic[family]?.leastHeadroom ?? capacity, worst[family]?.headroom ?? capacity)
  }

  /// Ports held by the fullest tuple of either family, reusable TIME_WAIT not counted.
  package var mostHeld: Int { worst.values.map(\.held).max() ?? 0 }
}

/// One tuple and what is left for it.
package struct TupleHeadroom: Sendable, Hashable {
  package internal(set) var tuple: Tuple
  /// Ports with a socket of the tuple in any state, reusable TIME_WAIT included.
  package let used: Int
  /// Of ``used``: TIME_WAIT ports that connect() may take over.
  package let reusable: Int
  /// Connects left before `EADDRNOTAVAIL`, if the kernel can take over the ``reusable`` ports.
  package let headroom: Int
  /// Of ``headroom``: ports of the parity that connect() tries first. At 0 connect() has become slow.
  package let firstParityFree: Int
  /// TIME_WAIT ports that come back within ``returnTimes`` seconds, cumulative.
  package let returning: [Int]
  /// Whether the tuple's connections use TCP timestamps, without which the kernel takes no TIME_WAIT over; `nil` if nothing shows it. Within the host
  /// they do.
  ///
  /// Kernel: `tw_ts_recent_stamp` in `tcp_twsk_unique`, which no table shows.
  package let usesTimestamps: Bool?

  /// In seconds.
  package static let returnTimes = [5, 15, 30, 60]

  package init(
    tuple: Tuple, used: Int, reusable: Int, headroom: Int, firstParityFree: Int, returning: [Int], usesTimestamps: Bool? = nil
  ) {
    self.tuple = tuple
    self.used = used
    self.reusable = reusable
    self.headroom = headroom
    self.firstParityFree = firstParityFree
    self.returning = returning
    self.usesTimestamps = usesTimestamps
  }

  /// Ports in use, reusable TIME_WAIT not counted.
  package var held: Int { used - reusable }

  /// Of ``reusable``: ports that the kernel takes over only if the peer uses timestamps, which nothing shows.
  package var unconfirmed: Int { usesTimestamps == nil ? reusable : 0 }

  /// Connects left at least: ``headroom`` without what is ``unconfirmed``.
  package var leastHeadroom: Int { max(0, headroom - unconfirmed) }

  package var family: AddressFamily { tuple.destination.family }

  /// TIME_WAIT ports that come back within `seconds`, which is one of ``returnTimes``.
  package func returning(within seconds: Int) -> Int {
    guard let index = Self.returnTimes.firstIndex(of: seconds), returning.indices.contains(index) else { return 0 }
    return returning[index]
  }
}
