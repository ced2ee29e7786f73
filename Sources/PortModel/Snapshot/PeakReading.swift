/// The fullest tuple between scrapes, as a histogram and a peak.
package struct PeakReading: Sendable, Hashable {
  /// The upper bounds of the histogram's buckets: fractions of the capacity.
  package static let upperBounds = [0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 1]

  /// Samples in each bucket alone; the last is `+Inf`.
  package var bucketCounts = [UInt64](repeating: 0, count: PeakReading.upperBounds.count + 1)
  /// The sum of all samples.
  package var sum = 0.0
  /// The most ports that one tuple held in any look of the last two minutes; `nil` if nobody looked.
  package var peakUsed: Int?
  /// Samples that walked the table.
  package var walks: UInt64 = 0
  /// Samples left out because a scrape or the previous sample was still running.
  package var skipped: UInt64 = 0

  package init() {}
}

/// What one look between scrapes found.
package enum PeakSample: Sendable, Hashable {
  /// So few sockets that no tuple can hold a quarter of the pool; the table was not walked. The share is an upper bound.
  case calm(shareAtMost: Double)
  /// The fullest tuple, found by a walk.
  case walked(used: Int, capacity: Int)
  /// A scrape was walking the table at that time.
  case busy
}
