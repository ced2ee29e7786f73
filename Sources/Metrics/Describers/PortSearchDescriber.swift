internal import Exposition
internal import PortModel

/// How long the kernel searched for a free port, in all namespaces together.
struct PortSearchDescriber: CollectorDescriber {
  let collector = CollectorName.portSearch

  func describe(_ snapshot: PoolSnapshot, in metrics: inout MetricSet) {
    guard let searches = snapshot.own?[PortSearches.self] else { return }
    for kind in PortSearches.Kind.allCases {
      guard let times = searches.times[kind] else { continue }
      metrics.add(
        MetricCatalog.portSearch, kind.rawValue,
        histogram: HistogramValue(upperBounds: searches.upperBounds, bucketCounts: times.bucketCounts, sum: times.sum))
    }
  }
}
