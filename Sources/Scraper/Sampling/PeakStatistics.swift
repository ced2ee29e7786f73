package import PortModel
internal import Synchronization

/// The fullest tuple at every sample, as a histogram and a peak.
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

  /// A scrape is a sample as well.
  package func note(_ snapshot: PoolSnapshot) {
    guard let connect = snapshot.namespaces.first?.tcp?.pressure?.connect else { return }
    reading.withLock { $0.peakUsed = max($0.peakUsed, connect.mostHeld) }
  }

  package func noteSkipped(_ count: Int) {
    reading.withLock { $0.skipped += UInt64(count) }
  }

  /// What was seen; the peak begins anew.
  package func take() -> PeakReading {
    reading.withLock { reading in
      defer { reading.peakUsed = 0 }
      return reading
    }
  }
}

extension PeakReading {
  fileprivate mutating func observe(_ share: Double) {
    let bucket = PeakReading.upperBounds.firstIndex { share <= $0 } ?? PeakReading.upperBounds.count
    bucketCounts[bucket] += 1
    sum += share
  }
}
