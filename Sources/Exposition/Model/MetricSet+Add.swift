extension MetricSet {
  /// Adds a sample of a gauge or counter: `add(capacity, "host", "tcp", value: 0.5)`.
  package mutating func add(_ descriptor: MetricDescriptor, _ labelValues: String..., value: Double) {
    add(descriptor, labelValues, value: value)
  }

  /// Adds a sample that is a count: `add(capacity, "host", "tcp", value: 28_232)`. Exact up to 2^53, as every Prometheus value is.
  package mutating func add(_ descriptor: MetricDescriptor, _ labelValues: String..., value: some BinaryInteger) {
    add(descriptor, labelValues, value: Double(value))
  }

  /// Adds a sample that is a count. Exact up to 2^53, as every Prometheus value is.
  package mutating func add(_ descriptor: MetricDescriptor, _ labelValues: [String], value: some BinaryInteger) {
    add(descriptor, labelValues, value: Double(value))
  }

  /// Adds a sample of a histogram: `add(duration, "tcp", histogram: observed)`.
  package mutating func add(_ descriptor: MetricDescriptor, _ labelValues: String..., histogram: HistogramValue) {
    add(descriptor, labelValues, histogram: histogram)
  }
}
