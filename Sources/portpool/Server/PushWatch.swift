internal import Exposition
internal import Metrics
internal import Push

/// How the pushes of a serving process went, for whoever scrapes it or is pushed to.
struct PushWatch: Watch {
  let loop: PushLoop

  func metrics() -> MetricSet {
    let statistics = loop.statistics
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
