package import Exposition
package import PortModel
internal import Synchronization

/// The fullest tuple at every sample, as a histogram and a peak: `--sampler.interval`.
///
/// The peak is that of the last two minutes, and reading it changes nothing: two servers that scrape, a person with curl, and a push all get it.
/// A server that scrapes at least every two minutes misses no peak.
package final class PeakStatistics: Sendable {
  private struct State {
    var counts = PeakReading()
    var peak = SlidingMaximum()
  }

  private let state = Mutex(State())
  private let now: @Sendable () -> ContinuousClock.Instant
  private let start: ContinuousClock.Instant

  /// - Parameter now: the clock that the window is measured with.
  package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
    start = now()
  }

  package func note(_ sample: PeakSample) {
    let second = second
    state.withLock { state in
      switch sample {
      case .calm(let share): state.counts.observe(share)
      case .walked(let used, let capacity):
        state.counts.walks += 1
        state.peak.note(used, at: second)
        state.counts.observe(capacity > 0 ? Double(used) / Double(capacity) : 1)
      case .busy: state.counts.skipped += 1
      }
    }
  }

  package func noteSkipped(_ count: Int) {
    state.withLock { $0.counts.skipped += UInt64(count) }
  }

  /// What was seen so far.
  package var reading: PeakReading {
    let second = second
    return state.withLock { state in
      var reading = state.counts
      reading.peakUsed = state.peak.value(at: second)
      return reading
    }
  }

  private var second: Int { Int(clamping: max(0, (now() - start).components.seconds)) }
}

extension PeakStatistics: Watch {
  /// A scrape is a sample as well.
  package func note(_ snapshot: PoolSnapshot) {
    guard let connect = snapshot.own?.tcp?.pressure?.connect else { return }
    let second = second
    state.withLock { $0.peak.note(connect.mostHeld, at: second) }
  }

  package func metrics() -> MetricSet {
    let (reading, netns) = (reading, "host")
    var metrics = MetricSet()
    metrics.add(
      MetricCatalog.utilization, netns,
      histogram: HistogramValue(upperBounds: PeakReading.upperBounds, bucketCounts: reading.bucketCounts, sum: reading.sum))
    if let peak = reading.peakUsed { metrics.add(MetricCatalog.peakUsed, netns, value: peak) }
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
