package import Exposition
package import PortModel

/// Describes as metrics what one collector found. What it could not read is left out, never a made-up 0.
package protocol CollectorDescriber: Sendable {
  var collector: CollectorName { get }
  /// Adds what is said of one namespace.
  func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet)
  /// Adds what is said of the host as a whole.
  func describe(_ snapshot: PoolSnapshot, in metrics: inout MetricSet)
}

extension CollectorDescriber {
  package func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet) {}
  package func describe(_ snapshot: PoolSnapshot, in metrics: inout MetricSet) {}
}

/// The pool's settings.
struct SettingsDescriber: CollectorDescriber {
  let collector = CollectorName.settings

  func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet) {
    // A scrape that asked for `collect[]=tcp` alone gets no series of the settings, although they had to be read.
    guard namespace.outcomes.contains(where: { $0.collector == collector }) else { return }
    guard let settings = namespace.settings, let capacity = namespace.capacity else { return }
    let name = namespace.name
    metrics.add(MetricCatalog.firstPort, name, value: settings.range.first)
    metrics.add(MetricCatalog.lastPort, name, value: settings.range.last)
    metrics.add(MetricCatalog.reserved, name, value: settings.reservedInRange)
    metrics.add(MetricCatalog.timeWaitReuseMode, name, value: settings.timeWaitReuse.mode.rawValue)
    for transport in TransportProtocol.allCases {
      metrics.add(MetricCatalog.capacity, name, transport.name, value: capacity)
    }
    for range in namespace.namedRanges {
      metrics.add(MetricCatalog.rangeUnreserved, name, range.name, value: settings.unreserved(in: range.ports).count)
    }
  }
}

/// Pool ports by owner.
struct OwnersDescriber: CollectorDescriber {
  let collector = CollectorName.owners

  func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet) {
    for owner in namespace.owners ?? [] { metrics.add(MetricCatalog.ownerUsed, namespace.name, owner.owner, value: owner.usedPorts) }
  }
}

/// The connection tracking table and its losses.
struct ConntrackDescriber: CollectorDescriber {
  let collector = CollectorName.conntrack

  func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet) {
    guard let conntrack = namespace[Conntrack.self] else { return }
    let name = namespace.name
    if let fill = conntrack.fill {
      metrics.add(MetricCatalog.conntrackEntries, name, value: fill.entries)
      metrics.add(MetricCatalog.conntrackEntriesLimit, name, value: fill.limit)
    }
    if let counters = conntrack.counters {
      metrics.add(MetricCatalog.conntrackInsertFailed, name, value: counters.insertFailed)
      metrics.add(MetricCatalog.conntrackDrops, name, value: counters.dropped)
      metrics.add(MetricCatalog.conntrackEarlyDrops, name, value: counters.droppedEarly)
      metrics.add(MetricCatalog.conntrackTakenProbes, name, value: counters.takenProbes)
    }
  }
}

/// Other namespaces than the exporter's own, next to the series that every namespace has.
struct NamespacesDescriber: CollectorDescriber {
  let collector = CollectorName.namespaces

  func describe(_ namespace: NamespaceSnapshot, in metrics: inout MetricSet) {
    guard let visit = namespace.visit else { return }
    let (netns, identity) = (namespace.name, visit.identity)
    metrics.add(MetricCatalog.namespaceInfo, netns, identity.name, identity.pod, identity.container, identity.unit, value: 1)
    metrics.add(MetricCatalog.namespaceSockets, netns, TransportProtocol.tcp.name, value: visit.totals.tcp)
    metrics.add(MetricCatalog.namespaceSockets, netns, TransportProtocol.udp.name, value: visit.totals.udp)
    metrics.add(MetricCatalog.namespaceWalked, netns, value: visit.isWalked ? 1 : 0)
  }

  func describe(_ snapshot: PoolSnapshot, in metrics: inout MetricSet) {
    guard let census = snapshot.census else { return }
    let states = [
      ("walked", census.walked), ("calm", census.calm), ("skipped", census.skipped), ("excluded", census.excluded),
      ("unreadable", census.unreadable),
    ]
    for (state, count) in states { metrics.add(MetricCatalog.namespaces, state, value: count) }
    metrics.add(MetricCatalog.skippedSockets, TransportProtocol.tcp.name, value: census.skippedSockets.tcp)
    metrics.add(MetricCatalog.skippedSockets, TransportProtocol.udp.name, value: census.skippedSockets.udp)
  }
}
