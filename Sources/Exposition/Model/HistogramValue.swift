/// The observations of one histogram series, in classic buckets.
///
/// Bounds `[0.1, 1]` with the observations 0.05, 0.5 and 3 have the bucket counts `[1, 1, 1]` (the last is `+Inf`), sum 3.55 and count 3;
/// they are written cumulated: `le="0.1"` 1, `le="1"` 2, `le="+Inf"` 3.
package struct HistogramValue: Sendable, Hashable {
  /// The inclusive upper bounds, ascending and finite; the last bucket, `+Inf`, is not among them.
  package let upperBounds: [Double]
  /// Observations of each bucket alone, one more than there are bounds.
  package private(set) var bucketCounts: [UInt64]
  package private(set) var sum: Double

  /// Observations recorded elsewhere; stops the program unless the bounds ascend and there is one count more than bounds.
  package init(upperBounds: [Double], bucketCounts: [UInt64], sum: Double) {
    precondition(upperBounds.allSatisfy(\.isFinite), "a histogram's bounds are finite")
    precondition(zip(upperBounds, upperBounds.dropFirst()).allSatisfy { $0 < $1 }, "a histogram's bounds ascend")
    precondition(bucketCounts.count == upperBounds.count + 1, "a histogram has a count for each bound and one for +Inf")
    self.upperBounds = upperBounds
    self.bucketCounts = bucketCounts
    self.sum = sum
  }

  /// A histogram nothing was observed in yet.
  package init(upperBounds: [Double]) {
    self.init(upperBounds: upperBounds, bucketCounts: Array(repeating: 0, count: upperBounds.count + 1), sum: 0)
  }

  /// All observations.
  package var count: UInt64 { bucketCounts.reduce(0, +) }

  /// Counts one observation. NaN falls into `+Inf`, as in every Prometheus client.
  package mutating func observe(_ value: Double) {
    bucketCounts[upperBounds.firstIndex { value <= $0 } ?? upperBounds.count] += 1
    sum += value
  }

  /// Calls `body` with each bucket's bound, `+Inf` last, and the observations up to it.
  package func forEachCumulativeBucket(_ body: (_ upperBound: Double, _ count: UInt64) -> Void) {
    var total: UInt64 = 0
    for (index, count) in bucketCounts.enumerated() {
      total += count
      body(index < upperBounds.count ? upperBounds[index] : .infinity, total)
    }
  }
}
