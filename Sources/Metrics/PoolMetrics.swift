package import Exposition
package import PortModel

/// Describes snapshots as metrics.
package struct PoolMetrics: Sendable {
  /// One for each collector.
  package let describers: [any CollectorDescriber]

  /// - Parameters:
  ///   - topTuples: how many of the fullest tuples get a series of their own; 0 for none.
  ///   - topTuplesMinShare: the least fraction of the capacity that such a tuple holds, 0 to 1: an idle host has no such series.
  ///   - topAddresses: how many of the addresses that most connections are translated to get a series of their own; 0 for none.
  package init(topTuples: Int = 5, topTuplesMinShare: Double = 0.05, topAddresses: Int = 8) {
    self.init([
      SettingsDescriber(), TCPDescriber(topTuples: topTuples, topTuplesMinShare: topTuplesMinShare), UDPDescriber(), NamespacesDescriber(),
      OwnersDescriber(), ConntrackDescriber(),
      SnatDescriber(topTuples: topTuples, topTuplesMinShare: topTuplesMinShare, topAddresses: topAddresses),
      RefusalsDescriber(top: topTuples), PortSearchDescriber(),
    ])
  }

  package init(_ describers: [any CollectorDescriber]) {
    self.describers = describers
  }

  /// All that `snapshot` says. What a collector could not read is left out, never a made-up 0.
  package func metrics(of snapshot: PoolSnapshot) -> MetricSet {
    var metrics = MetricSet()
    for namespace in snapshot.namespaces {
      for describer in describers { describer.describe(namespace, in: &metrics) }
      for source in Set(namespace.outcomes.compactMap(\.source)) {
        metrics.add(MetricCatalog.sourceInfo, namespace.name, source.rawValue, value: 1)
      }
    }
    for describer in describers { describer.describe(snapshot, in: &metrics) }
    for (ability, isPresent) in snapshot.abilities.all {
      metrics.add(MetricCatalog.kernelAbility, ability.rawValue, value: isPresent ? 1 : 0)
    }
    for outcome in snapshot.outcomes {
      metrics.add(MetricCatalog.collectorSuccess, outcome.collector.rawValue, value: outcome.isSuccess ? 1 : 0)
      metrics.add(MetricCatalog.collectorDuration, outcome.collector.rawValue, value: outcome.duration)
    }
    return metrics
  }
}
