internal import PortModel

/// What is remembered of earlier snapshots: trends of the pools and rates of change.
struct History: Sendable, Hashable {
  /// Used ports of a pool, the newest last.
  private var trends: [PoolKey: [Int]] = [:]
  private var tupleRates: [TupleKey: Double] = [:]
  private var poolRates: [PoolKey: Double] = [:]
  /// The used ports of the snapshot before, and when it was taken.
  private var earlier: (used: Used, instant: Double)?

  /// The length of the widest sparkline.
  static let trendLength = 240

  struct PoolKey: Sendable, Hashable {
    let namespace: String
    let pool: Pool.ID
  }

  private struct TupleKey: Sendable, Hashable {
    let namespace: String
    let tuple: Tuple
  }

  /// The used ports of every pool and of every listed tuple.
  private struct Used: Sendable {
    var pools: [PoolKey: Int] = [:]
    var tuples: [TupleKey: Int] = [:]
  }

  func trend(_ namespace: String, _ pool: Pool.ID) -> [Int] { trends[PoolKey(namespace: namespace, pool: pool)] ?? [] }

  /// Ports a second; `nil` for a pool seen for the first time.
  func rate(_ namespace: String, _ pool: Pool.ID) -> Double? { poolRates[PoolKey(namespace: namespace, pool: pool)] }

  /// Ports a second; `nil` for a tuple that was not listed before.
  func rate(_ namespace: String, _ tuple: Tuple) -> Double? { tupleRates[TupleKey(namespace: namespace, tuple: tuple)] }

  /// Takes a snapshot in. A pool that is no longer there is forgotten.
  mutating func record(_ snapshot: PoolSnapshot, at instant: Double) {
    let seconds = earlier.map { instant - $0.instant } ?? 0
    let old = seconds > 0 ? earlier?.used : nil
    let used = Self.used(snapshot)
    poolRates = Self.rates(from: old?.pools, to: used.pools, seconds)
    tupleRates = Self.rates(from: old?.tuples, to: used.tuples, seconds)
    trends = used.pools.reduce(into: [:]) { kept, entry in
      kept[entry.key] = Array(((trends[entry.key] ?? []) + [entry.value]).suffix(Self.trendLength))
    }
    earlier = (used, instant)
  }

  private static func rates<Key>(from old: [Key: Int]?, to new: [Key: Int], _ seconds: Double) -> [Key: Double] {
    guard let old else { return [:] }
    return new.reduce(into: [:]) { rates, entry in
      if let before = old[entry.key] { rates[entry.key] = Double(entry.value - before) / seconds }
    }
  }

  private static func used(_ snapshot: PoolSnapshot) -> Used {
    var used = Used()
    for namespace in snapshot.namespaces {
      for pool in namespace.pools { used.pools[PoolKey(namespace: namespace.name, pool: pool.id)] = pool.used }
      for tuple in namespace.tuples { used.tuples[TupleKey(namespace: namespace.name, tuple: tuple.tuple)] = tuple.used }
    }
    return used
  }

  static func == (left: History, right: History) -> Bool {
    left.trends == right.trends && left.tupleRates == right.tupleRates && left.poolRates == right.poolRates
  }

  func hash(into hasher: inout Hasher) { hasher.combine(trends) }
}
