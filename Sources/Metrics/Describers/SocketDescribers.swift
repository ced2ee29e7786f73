internal import Exposition
internal import PortModel

/// TCP sockets and what they leave of the pool.
struct TCPDescriber: CollectorDescriber {
  let collector = CollectorName.tcp
  /// How many of the fullest tuples get a series of their own.
  let topTuples: Int
  /// The least fraction of the capacity that such a tuple holds.
  let topTuplesMinShare: Double

  func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet) {
    let name = namespace.name
    namespace.addCounts(of: .tcp, to: &metrics)
    guard let pressure = namespace.tcp?.pressure else { return }
    pressure.usage.add(to: &metrics, name, .tcp)
    metrics.add(MetricCatalog.blocked, name, value: pressure.blocked)
    metrics.add(MetricCatalog.wrongParity, name, value: pressure.wrongParity)
    if let bindFirst = pressure.bindFirst { metrics.add(MetricCatalog.bindFirst, name, value: bindFirst) }
    metrics.add(MetricCatalog.unreservedListeners, name, TransportProtocol.tcp.name, value: pressure.listeners.count)
    metrics.add(MetricCatalog.bindHeadroom, name, "tcp", "ipv4", value: pressure.bind.wildcard)
    metrics.add(MetricCatalog.bindHeadroom, name, "tcp", "ipv6", value: pressure.bind.wildcardIPv6)
    for family in AddressFamily.allCases { addWorst(of: pressure.connect, family, name, to: &metrics) }
    // Without their peers tuples have no names to tell them apart.
    for tuple in fullestTuples(of: pressure.connect) where !tuple.tuple.isPeerHidden {
      let (source, destination) = (tuple.tuple.sourceText, tuple.tuple.destination.description)
      let port = "\(tuple.tuple.destinationPort)"
      metrics.add(MetricCatalog.tupleUsed, name, source, destination, port, value: tuple.held)
      metrics.add(MetricCatalog.tupleReusable, name, source, destination, port, value: tuple.reusable)
    }
  }

  /// Those that get series of their own. A tuple whose TIME_WAIT may not be reusable comes first: it may be the fullest of all, and holds nothing
  /// if it is.
  private func fullestTuples(of connect: ConnectHeadroom) -> ArraySlice<TupleHeadroom> {
    let least = max(1, Double(connect.capacity) * topTuplesMinShare)
    let uncertain = AddressFamily.allCases.compactMap { connect.pessimistic[$0] }.filter {
      $0.unconfirmed > 0 && Double($0.held + $0.unconfirmed) >= least
    }
    let others = connect.tuples.prefix(topTuples).filter { tuple in
      Double(tuple.held) >= least && !uncertain.contains { $0.tuple == tuple.tuple }
    }
    return (uncertain + others).prefix(topTuples)
  }

  private func addWorst(of connect: ConnectHeadroom, _ family: AddressFamily, _ name: String, to metrics: inout MetricSet) {
    let worst = connect.worst[family]
    metrics.add(MetricCatalog.tuples, name, family.name, value: connect.tupleCounts[family] ?? 0)
    metrics.add(MetricCatalog.worstUsed, name, family.name, value: worst?.held ?? 0)
    metrics.add(MetricCatalog.worstCapacity, name, family.name, value: connect.capacity)
    metrics.add(MetricCatalog.worstHeadroom, name, family.name, value: worst?.headroom ?? connect.capacity)
    metrics.add(MetricCatalog.worstReusable, name, family.name, value: worst?.reusable ?? 0)
    metrics.add(MetricCatalog.worstLeastHeadroom, name, family.name, value: connect.leastHeadroom(family))
    metrics.add(
      MetricCatalog.worstFirstParityFree, name, family.name, value: worst?.firstParityFree ?? connect.firstParityCapacity)
    for (index, seconds) in TupleHeadroom.returnTimes.enumerated() {
      metrics.add(MetricCatalog.worstReturning, name, family.name, "\(seconds)", value: worst?.returning[index] ?? 0)
    }
  }
}

/// UDP sockets and what they leave of the pool.
struct UDPDescriber: CollectorDescriber {
  let collector = CollectorName.udp

  func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet) {
    let name = namespace.name
    namespace.addCounts(of: .udp, to: &metrics)
    guard let pressure = namespace.udp?.pressure else { return }
    pressure.usage.add(to: &metrics, name, .udp)
    for (family, headroom) in [("ipv4", pressure.headroom), ("ipv6", pressure.headroomIPv6)] {
      metrics.add(MetricCatalog.autobindHeadroom, name, family, value: headroom)
      metrics.add(MetricCatalog.bindHeadroom, name, "udp", family, value: headroom)
    }
    if let listeners = pressure.listeners {
      metrics.add(MetricCatalog.unreservedListeners, name, TransportProtocol.udp.name, value: listeners.count)
    }
  }
}

extension NamespaceSnapshot {
  fileprivate func addCounts(of transport: TransportProtocol, to metrics: inout MetricSet) {
    for row in socketCounts where row.transport == transport {
      metrics.add(MetricCatalog.sockets, name, row.transport.name, row.family.name, row.range.name, row.state, value: row.count)
    }
    for row in namedRangeCounts where row.transport == transport {
      metrics.add(MetricCatalog.rangeSockets, name, row.transport.name, row.range.name, value: row.count)
    }
  }
}

extension PortUsage {
  fileprivate func add(to metrics: inout MetricSet, _ name: String, _ transport: TransportProtocol) {
    metrics.add(MetricCatalog.used, name, transport.name, value: used)
    for use in PortUse.held {
      metrics.add(MetricCatalog.ports, name, transport.name, use.name, value: self[use])
    }
  }
}
