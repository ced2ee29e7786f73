/// What is closest to its end in a namespace: one of the kernel's pools, or the ports that a translated tuple can be given.
package enum Shortage: Sendable, Hashable {
  case pool(Pool)
  case translation(SnatUse)

  package var level: PressureLevel {
    switch self {
    case .pool(let pool): pool.level
    case .translation(let use): use.level
    }
  }

  /// The used fraction, 0 to 1.
  package var share: Double {
    switch self {
    case .pool(let pool): pool.share
    case .translation(let use): use.share
    }
  }

  /// How many more can be had; 0 where it is not known of how many.
  package var left: Int {
    switch self {
    case .pool(let pool): pool.headroom
    case .translation(let use): use.headroom ?? 0
    }
  }

  /// Whether people should look at it before `other`: by the level, then by the used fraction, then by what is left.
  package func isWorse(than other: Shortage) -> Bool { (level.order, share, other.left) > (other.level.order, other.share, left) }
}

extension NamespaceSnapshot {
  /// The pool or translated tuple that people should look at first; `nil` where none is known.
  ///
  /// `bind()` needs a port that no connection has, so that a full destination empties its pool too. Where another pool is nearly exhausted, or as
  /// close to it, that one is named, for it has a cause.
  package var shortage: Shortage? {
    let others = pools.filter { $0.id != .bindIPv4 && $0.id != .bindIPv6 }
    let other = others.min { $0.isCloserToExhaustion(than: $1) }
    let isNamed = other.map { $0.level >= .critical || $0.level == worstPool?.level } == true
    let pool = (isNamed ? other : worstPool).map(Shortage.pool)
    let use = self[Snat.self]?.table?.worst.values.min { $0.isWorse(than: $1) }.map(Shortage.translation)
    guard let pool, let use else { return pool ?? use }
    return use.isWorse(than: pool) ? use : pool
  }
}

extension PoolSnapshot {
  /// The namespaces under the most pressure first. Equals keep their order; those of which no pool is known come last.
  package var byPressure: [(namespace: NamespaceSnapshot, shortage: Shortage?)] {
    let all = namespaces.enumerated().map { (index: $0, namespace: $1, shortage: $1.shortage) }
    return all.sorted { left, right in
      switch (left.shortage, right.shortage) {
      case (let first?, let second?) where first.isWorse(than: second): true
      case (let first?, let second?) where second.isWorse(than: first): false
      case (.some, .none): true
      case (.none, .some): false
      default: left.index < right.index
      }
    }.map { ($0.namespace, $0.shortage) }
  }
}
