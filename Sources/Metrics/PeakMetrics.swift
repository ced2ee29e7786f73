package import Exposition
package import PortModel

/// Describes what was seen between scrapes.
package enum PeakMetrics {
  package static func metrics(of reading: PeakReading, netns: String) -> MetricSet {
    var metrics = MetricSet()
    metrics.add(
      MetricCatalog.utilization, netns,
      histogram: HistogramValue(upperBounds: PeakReading.upperBounds, bucketCounts: reading.bucketCounts, sum: reading.sum))
    metrics.add(MetricCatalog.peakUsed, netns, value: reading.peakUsed)
    metrics.add(MetricCatalog.samplerWalks, netns, value: reading.walks)
    metrics.add(MetricCatalog.samplerSkipped, netns, value: reading.skipped)
    return metrics
  }
}
