internal import Synchronization

/// The fullest tuple at every sample, as a histogram and a peak.
package final class PeakStatistics: Sendable {
  /// The upper bounds of the histogram's buckets: parts of the capacity.
  package static let upperBounds = [0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 1]

  /// All that was seen so far.
  package struct Reading: Sendable, Hashable {
    /// Samples in each bucket alone; the last is `+Inf`.
    package var bucketCounts = [UInt64](repeating: 0, count: PeakStatistics.upperBounds.count + 1)
    package var sum = 0.0
    /// The most ports that one tuple held in any sample since the reading before.
    package var peakUsed = 0
    /// Samples that walked the table.
    package var walks: UInt64 = 0
    /// Samples left out because a scrape or the sample before was still at work.
    package var skipped: UInt64 = 0
  }

  private let reading = Mutex(Reading())

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

  /// A scrape is a sample as well.
  package func note(_ snapshot: PoolSnapshot) {
    guard let connect = snapshot.namespaces.first?.tcp?.pressure?.connect else { return }
    reading.withLock { $0.peakUsed = max($0.peakUsed, connect.mostHeld) }
  }

  package func noteSkipped(_ count: Int) {
    reading.withLock { $0.skipped += UInt64(count) }
  }

  /// What was seen; the peak begins anew.
  package func take() -> Reading {
    reading.withLock { reading in
      defer { reading.peakUsed = 0 }
      return reading
    }
  }
}

extension PeakStatistics.Reading {
  fileprivate mutating func observe(_ share: Double) {
    let bucket = PeakStatistics.upperBounds.firstIndex { share <= $0 } ?? PeakStatistics.upperBounds.count
    bucketCounts[bucket] += 1
    sum += share
  }
}
