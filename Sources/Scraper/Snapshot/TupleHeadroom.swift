package import PortModel

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

  /// Ports in use, reusable TIME_WAIT not counted.
  package var held: Int { used - reusable }

  package var family: AddressFamily { tuple.destination.family }

  init(_ entry: TupleEntry, capacity: PoolCapacity) {
    tuple = entry.tuple
    used = Int(entry.used)
    reusable = Int(entry.reusable)
    headroom = max(0, capacity.connect - entry.held)
    firstParityFree = max(0, capacity.firstParity - entry.firstParityHeld)
    let (within5, to15, to30, to60) = entry.returning
    var sum = 0
    returning = [within5, to15, to30, to60].map {
      sum += Int($0)
      return sum
    }
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
