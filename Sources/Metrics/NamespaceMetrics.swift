internal import Exposition
internal import PortModel

/// Describes what was seen of other namespaces than the exporter's own, beside the series that every namespace has.
enum NamespaceMetrics {
  static func add(_ visit: NamespaceVisit, _ netns: String, to metrics: inout MetricSet) {
    let identity = visit.identity
    metrics.add(MetricCatalog.namespaceInfo, netns, identity.name, identity.pod, identity.container, identity.unit, value: 1)
    metrics.add(MetricCatalog.namespaceSockets, netns, TransportProtocol.tcp.name, value: visit.totals.tcp)
    metrics.add(MetricCatalog.namespaceSockets, netns, TransportProtocol.udp.name, value: visit.totals.udp)
    metrics.add(MetricCatalog.namespaceWalked, netns, value: visit.isWalked ? 1 : 0)
  }

  static func add(_ census: NamespaceCensus, to metrics: inout MetricSet) {
    let states = [
      ("walked", census.walked), ("calm", census.calm), ("skipped", census.skipped), ("excluded", census.excluded),
      ("unreadable", census.unreadable),
    ]
    for (state, count) in states { metrics.add(MetricCatalog.namespaces, state, value: count) }
    metrics.add(MetricCatalog.skippedSockets, TransportProtocol.tcp.name, value: census.skippedSockets.tcp)
    metrics.add(MetricCatalog.skippedSockets, TransportProtocol.udp.name, value: census.skippedSockets.udp)
  }
}
