package import Exposition
package import PortModel

/// Describes snapshots as metrics.
package struct PoolMetrics: Sendable, Hashable {
  /// How many of the fullest tuples get a series of their own; 0 for none.
  package let topTuples: Int
  /// The least part of the capacity that such a tuple holds, 0 to 1: a healthy host has no such series.
  package let topTuplesMinShare: Double

  package init(topTuples: Int = 5, topTuplesMinShare: Double = 0.05) {
    self.topTuples = topTuples
    self.topTuplesMinShare = topTuplesMinShare
  }

  /// All that `snapshot` tells. What a collector could not read is left out, never a made-up 0.
  package func metrics(of snapshot: PoolSnapshot) -> MetricSet {
    var metrics = MetricSet()
    for namespace in snapshot.namespaces {
      addSettings(of: namespace, to: &metrics)
      addCounts(of: namespace, to: &metrics)
      if let pressure = namespace.tcp?.pressure { add(pressure, namespace.name, to: &metrics) }
      if let pressure = namespace.udp?.pressure { add(pressure, namespace.name, to: &metrics) }
      for owner in namespace.owners ?? [] { metrics.add(MetricCatalog.ownerUsed, namespace.name, owner.owner, value: owner.usedPorts) }
      if let visit = namespace.visit { NamespaceMetrics.add(visit, namespace.name, to: &metrics) }
      for source in Set(namespace.outcomes.compactMap(\.source)) {
        metrics.add(MetricCatalog.sourceInfo, namespace.name, source.rawValue, value: 1)
      }
    }
    for outcome in snapshot.outcomes {
      metrics.add(MetricCatalog.collectorSuccess, outcome.collector.rawValue, value: outcome.isSuccess ? 1 : 0)
      metrics.add(MetricCatalog.collectorDuration, outcome.collector.rawValue, value: outcome.duration)
    }
    if let census = snapshot.census { NamespaceMetrics.add(census, to: &metrics) }
    return metrics
  }

  private func addSettings(of namespace: NamespaceSnapshot, to metrics: inout MetricSet) {
    guard namespace.hasSettingsMetrics, let settings = namespace.settings, let capacity = namespace.capacity else { return }
    let name = namespace.name
    metrics.add(MetricCatalog.firstPort, name, value: settings.range.first)
    metrics.add(MetricCatalog.lastPort, name, value: settings.range.last)
    metrics.add(MetricCatalog.reserved, name, value: settings.reservedInRange)
    metrics.add(MetricCatalog.timeWaitReuseMode, name, value: settings.timeWaitReuse.mode.rawValue)
    for transport in TransportProtocol.allCases {
      metrics.add(MetricCatalog.capacity, name, transport.name, value: capacity)
    }
  }

  private func addCounts(of namespace: NamespaceSnapshot, to metrics: inout MetricSet) {
    for row in namespace.socketCounts {
      metrics.add(
        MetricCatalog.sockets, namespace.name, row.transport.name, row.family.name, row.range.name, row.state, value: row.count)
    }
    for row in namespace.namedRangeCounts {
      metrics.add(MetricCatalog.rangeSockets, namespace.name, row.transport.name, row.range.name, value: row.count)
    }
  }

  private func add(_ usage: PortUsage, _ name: String, _ transport: TransportProtocol, to metrics: inout MetricSet) {
    metrics.add(MetricCatalog.used, name, transport.name, value: usage.used)
    for use in PortUse.held {
      metrics.add(MetricCatalog.ports, name, transport.name, use.name, value: usage[use])
    }
  }

  private func add(_ pressure: TCPPressure, _ name: String, to metrics: inout MetricSet) {
    add(pressure.usage, name, .tcp, to: &metrics)
    metrics.add(MetricCatalog.blocked, name, value: pressure.blocked)
    metrics.add(MetricCatalog.wrongParity, name, value: pressure.wrongParity)
    metrics.add(MetricCatalog.unreservedListeners, name, TransportProtocol.tcp.name, value: pressure.listeners.count)
    metrics.add(MetricCatalog.bindHeadroom, name, "tcp", "ipv4", value: pressure.bind.wildcard)
    metrics.add(MetricCatalog.bindHeadroom, name, "tcp", "ipv6", value: pressure.bind.wildcardIPv6)
    for family in AddressFamily.allCases { addWorst(of: pressure.connect, family, name, to: &metrics) }
    let least = Double(pressure.connect.capacity) * topTuplesMinShare
    for tuple in pressure.connect.tuples.prefix(topTuples) where tuple.held > 0 && Double(tuple.held) >= least {
      metrics.add(
        MetricCatalog.tupleUsed, name, tuple.tuple.source.description, tuple.tuple.destination.description,
        "\(tuple.tuple.destinationPort)", value: tuple.held)
    }
  }

  private func addWorst(of connect: ConnectHeadroom, _ family: AddressFamily, _ name: String, to metrics: inout MetricSet) {
    let worst = connect.worst[family]
    metrics.add(MetricCatalog.tuples, name, family.name, value: connect.tupleCounts[family] ?? 0)
    metrics.add(MetricCatalog.worstUsed, name, family.name, value: worst?.held ?? 0)
    metrics.add(MetricCatalog.worstCapacity, name, family.name, value: connect.capacity)
    metrics.add(MetricCatalog.worstHeadroom, name, family.name, value: worst?.headroom ?? connect.capacity)
    metrics.add(
      MetricCatalog.worstFirstParityFree, name, family.name, value: worst?.firstParityFree ?? connect.firstParityCapacity)
    for (index, seconds) in TupleHeadroom.returnTimes.enumerated() {
      metrics.add(MetricCatalog.worstReturning, name, family.name, "\(seconds)", value: worst?.returning[index] ?? 0)
    }
  }

  private func add(_ pressure: UDPPressure, _ name: String, to metrics: inout MetricSet) {
    add(pressure.usage, name, .udp, to: &metrics)
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
  /// A scrape that asked for `collect[]=tcp` alone gets no series of the settings, although they had to be read.
  fileprivate var hasSettingsMetrics: Bool { outcomes.contains { $0.collector == .settings } }
}
