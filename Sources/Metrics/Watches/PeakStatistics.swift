package import Exposition
package import PortModel
internal import Synchronization

/// The fullest tuple at every sample, as a histogram and a peak: `--sampler.interval`.
package final class PeakStatistics: Sendable {
  private let reading = Mutex(PeakReading())

  package init() {}

  package func note(_ sample: PeakSample) {
    reading.withLock { reading in
      switch sample {
      case .calm(let share): reading.observe(share)
      case .walked(let used, let capacity):
        reading.walks += 1
        reading.peakUsed = max(reading.peakUsed, used)
        reading.observe(capacity > 0 ? Double(used) / Double(capacity) : 1)
      case .busy: reading.skipped += 1
      }
    }
  }

  package func noteSkipped(_ count: Int) {
    reading.withLock { $0.skipped += UInt64(count) }
  }

  /// What was seen; the peak starts over.
  package func take() -> PeakReading {
    reading.withLock { reading in
      defer { reading.peakUsed = 0 }
      return reading
    }
  }
}

extension PeakStatistics: Watch {
  /// Reading a peak resets it, and the next scrape is to see it.
  package var isPushed: Bool { false }

  /// A scrape is a sample as well.
  package func note(_ snapshot: PoolSnapshot) {
    guard let connect = snapshot.own?.tcp?.pressure?.connect else { return }
    reading.withLock { $0.peakUsed = max($0.peakUsed, connect.mostHeld) }
  }

  package func metrics() -> MetricSet {
    let (reading, netns) = (take(), "host")
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

extension PeakReading {
  fileprivate mutating func observe(_ share: Double) {
    let bucket = PeakReading.upperBounds.firstIndex { share <= $0 } ?? PeakReading.upperBounds.count
    bucketCounts[bucket] += 1
    sum += share
  }
}
