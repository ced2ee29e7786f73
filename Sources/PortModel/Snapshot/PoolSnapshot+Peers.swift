/// What is served where nobody may learn whom this host talks to.
extension PoolSnapshot {
  /// The snapshot without the addresses and ports of peers. Every number stays, and so do this host's own addresses.
  ///
  /// A tuple keeps its place with ``Tuple/withoutPeer`` as its name: `10.0.0.5 → (hidden peer)`.
  package var withoutPeers: PoolSnapshot {
    var snapshot = self
    snapshot.namespaces = namespaces.map(\.withoutPeers)
    return snapshot
  }

  /// Whether peers were taken out, as far as that shows: some tuple has none.
  package var hidesPeers: Bool { namespaces.contains(where: \.hidesPeers) }
}

extension NamespaceSnapshot {
  fileprivate var withoutPeers: NamespaceSnapshot {
    var namespace = self
    namespace.tcp?.pressure?.connect.hidePeers()
    namespace.collected[Snat.self] = self[Snat.self].map { Snat(pools: $0.pools, table: $0.table?.withoutPeers) }
    namespace.collected[Refusals.self] = self[Refusals.self]?.withoutPeers
    return namespace
  }

  fileprivate var hidesPeers: Bool {
    let connect = tcp?.pressure?.connect
    return connect?.worst.values.contains(where: \.tuple.isPeerHidden) == true
      || self[Snat.self]?.table?.tuples.contains(where: \.tuple.isPeerHidden) == true
  }
}

extension ConnectHeadroom {
  fileprivate mutating func hidePeers() {
    self = ConnectHeadroom(
      capacity: capacity, firstParityCapacity: firstParityCapacity, tupleCounts: tupleCounts, tuples: tuples.map(\.withoutPeer),
      worst: worst.mapValues(\.withoutPeer), pessimistic: pessimistic.mapValues(\.withoutPeer))
  }
}

extension TupleHeadroom {
  fileprivate var withoutPeer: TupleHeadroom {
    var headroom = self
    headroom.tuple = tuple.withoutPeer
    return headroom
  }
}

extension Snat.Table {
  fileprivate var withoutPeers: Snat.Table {
    func hidden(_ use: SnatUse) -> SnatUse {
      var use = use
      use.tuple = use.tuple.withoutPeer
      return use
    }
    return Snat.Table(
      connections: connections, tupleCounts: tupleCounts, worst: worst.mapValues(hidden), tuples: tuples.map(hidden), map: map,
      addresses: addresses, incomplete: incomplete, uncountedPorts: uncountedPorts)
  }
}
