/// What one series of a family says.
package enum SampleValue: Sendable, Hashable {
  /// The value of a gauge or counter. NaN and the infinities are values too.
  case number(Double)
  /// The buckets, sum and count of a histogram.
  case histogram(HistogramValue)
}
