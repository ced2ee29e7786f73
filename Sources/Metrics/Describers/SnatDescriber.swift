internal import Exposition
internal import PortModel

/// Translated connections and what they leave of the pools of ports.
struct SnatDescriber: CollectorDescriber {
  let collector = CollectorName.snat
  let topTuples: Int
  let topTuplesMinShare: Double
  let topAddresses: Int

  func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet) {
    guard let snat = namespace[Snat.self] else { return }
    // Of a hundred containers none is a gateway: forty series of zeros each would be most of a scrape.
    if namespace.visit != nil, !snat.isInUse { return }
    let name = namespace.name
    metrics.add(MetricCatalog.snatWalked, name, value: snat.table == nil ? 0 : 1)
    for origin in snat.origins.sorted(by: { $0.rawValue < $1.rawValue }) {
      metrics.add(MetricCatalog.snatRange, name, origin.rawValue, value: 1)
    }
    for family in AddressFamily.allCases {
      for transport in TrackedProtocol.translated { addWorst(snat, Snat.PoolKey(transport, family), name, to: &metrics) }
    }
    guard let table = snat.table else { return }
    for family in AddressFamily.allCases {
      for transport in TrackedProtocol.allCases {
        let key = Snat.PoolKey(transport, family)
        metrics.add(MetricCatalog.snatConnections, name, transport.name, family.name, value: table.connections[key] ?? 0)
        if transport != .other {
          metrics.add(MetricCatalog.snatTuples, name, transport.name, family.name, value: table.tupleCounts[key] ?? 0)
        }
      }
    }
    var listed: Set<SnatTuple> = []
    for use in table.tuples where use.capacity != nil && use.share >= topTuplesMinShare && listed.count < topTuples {
      guard !use.tuple.isPeerHidden, listed.insert(use.tuple).inserted else { continue }
      let tuple = use.tuple
      metrics.add(
        MetricCatalog.snatTupleUsed, name, tuple.transport.name, tuple.source.description, tuple.destination.description,
        "\(tuple.destinationPort)", value: use.used)
    }
    for address in table.addresses.prefix(topAddresses) {
      metrics.add(MetricCatalog.snatAddressConnections, name, address.address.description, value: address.connections)
    }
  }

  /// While nobody looks no search can fail, and how many ports are in use is not known.
  private func addWorst(_ snat: Snat, _ key: Snat.PoolKey, _ name: String, to metrics: inout MetricSet) {
    let (transport, family) = (key.transport.name, key.family.name)
    let worst = snat.table?.worst[key]
    // Tuples of which none has a known range: neither a chance nor headroom can be told.
    if worst == nil, snat.table?.tupleCounts[key] ?? 0 > 0 { return }
    metrics.add(MetricCatalog.snatFailure, name, transport, family, value: worst?.failure ?? 0)
    if key.transport == .tcp { metrics.add(MetricCatalog.snatClosing, name, family, value: worst?.closing ?? 0) }
    guard snat.table != nil, let capacity = worst?.capacity ?? snat.smallest[key] else { return }
    metrics.add(MetricCatalog.snatUsed, name, transport, family, value: worst?.used ?? 0)
    metrics.add(MetricCatalog.snatCapacity, name, transport, family, value: capacity)
    metrics.add(MetricCatalog.snatHeadroom, name, transport, family, value: worst?.headroom ?? capacity)
  }
}
