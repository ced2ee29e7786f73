internal import PortModel

/// What earlier snapshots are kept for: trends of the pools and rates of change.
struct History: Sendable, Hashable {
  /// Used ports of a pool, the newest last.
  private var trends: [PoolKey: [Int]] = [:]
  private var tupleRates: [TupleKey: Double] = [:]
  private var poolRates: [PoolKey: Double] = [:]
  private var earlier: (snapshot: LiveSnapshot, instant: Double)?

  /// As many as the widest sparkline shows.
  static let trendLength = 240

  struct PoolKey: Sendable, Hashable {
    let namespace: String
    let pool: Pool.ID
  }

  private struct TupleKey: Sendable, Hashable {
    let namespace: String
    let tuple: LiveTuple.ID
  }

  func trend(_ namespace: String, _ pool: Pool.ID) -> [Int] { trends[PoolKey(namespace: namespace, pool: pool)] ?? [] }

  /// Ports a second; `nil` for a pool seen for the first time.
  func rate(_ namespace: String, _ pool: Pool.ID) -> Double? { poolRates[PoolKey(namespace: namespace, pool: pool)] }

  /// Ports a second; `nil` for a tuple that was not listed before.
  func rate(_ namespace: String, _ tuple: LiveTuple.ID) -> Double? { tupleRates[TupleKey(namespace: namespace, tuple: tuple)] }

  /// Takes a snapshot in. A pool that is no longer there is forgotten.
  mutating func record(_ snapshot: LiveSnapshot, at instant: Double) {
    let seconds = earlier.map { instant - $0.instant } ?? 0
    var (oldPools, oldTuples): ([PoolKey: Int], [TupleKey: Int]) = ([:], [:])
    if let earlier, seconds > 0 { (oldPools, oldTuples) = Self.used(earlier.snapshot) }
    let (pools, tuples) = Self.used(snapshot)
    poolRates = pools.reduce(into: [:]) { rates, entry in
      if let old = oldPools[entry.key] { rates[entry.key] = Double(entry.value - old) / seconds }
    }
    tupleRates = tuples.reduce(into: [:]) { rates, entry in
      if let old = oldTuples[entry.key] { rates[entry.key] = Double(entry.value - old) / seconds }
    }
    trends = pools.reduce(into: [:]) { kept, entry in
      kept[entry.key] = Array(((trends[entry.key] ?? []) + [entry.value]).suffix(Self.trendLength))
    }
    earlier = (snapshot, instant)
  }

  private static func used(_ snapshot: LiveSnapshot) -> ([PoolKey: Int], [TupleKey: Int]) {
    var pools: [PoolKey: Int] = [:]
    var tuples: [TupleKey: Int] = [:]
    for namespace in snapshot.namespaces {
      for pool in namespace.pools { pools[PoolKey(namespace: namespace.name, pool: pool.id)] = pool.used }
      for tuple in namespace.tuples { tuples[TupleKey(namespace: namespace.name, tuple: tuple.id)] = tuple.used }
    }
    return (pools, tuples)
  }

  static func == (left: History, right: History) -> Bool {
    left.trends == right.trends && left.tupleRates == right.tupleRates && left.poolRates == right.poolRates
  }

  func hash(into hasher: inout Hasher) { hasher.combine(trends) }
}
