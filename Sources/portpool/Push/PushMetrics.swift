internal import Metrics
internal import Exposition
internal import Push

/// What the pushes of a serving process came to, for whoever scrapes it.
enum PushMetrics {
  static func metrics(of statistics: PushStatistics) -> MetricSet {
    var metrics = MetricSet()
    metrics.add(MetricCatalog.pushes, value: statistics.pushes)
    for reason in PushFailureReason.counted {
      metrics.add(MetricCatalog.pushFailures, reason.rawValue, value: statistics.failures[reason, default: 0])
    }
    metrics.add(MetricCatalog.pushesSkipped, value: statistics.skipped)
    metrics.add(MetricCatalog.pushLastSuccess, value: statistics.lastSuccess)
    metrics.add(MetricCatalog.pushDuration, value: statistics.lastDuration / .seconds(1))
    return metrics
  }
}
