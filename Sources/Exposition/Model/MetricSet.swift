/// What one scrape says: families with their samples, built from nothing each time.
///
/// ```
/// var metrics = MetricSet()
/// metrics.add(capacity, "host", "tcp", value: 28_232)
/// let body = metrics.encoded(as: .text004)
/// ```
///
/// There is no registry behind it. Each family and each series appears once, whatever is added: **adding a series again replaces its value**.
/// Two different descriptors of one family name are a mistake in the program and stop it.
package struct MetricSet: Sendable {
  private var accumulators: [FamilyAccumulator] = []
  /// Keyed by the OpenMetrics family name, so that there cannot be both a gauge `x` and a counter `x_total`.
  private var positions: [String: Int] = [:]

  /// A scrape that says nothing yet.
  package init() {}

  /// Adds a sample of a gauge or counter. There are as many label values as the descriptor has labels.
  package mutating func add(_ descriptor: MetricDescriptor, _ labelValues: [String], value: Double) {
    precondition(descriptor.type != .histogram, "metric \(descriptor.name) is a histogram and got a number")
    set(descriptor, labelValues, .number(value))
  }

  /// Adds a sample of a histogram. There are as many label values as the descriptor has labels.
  package mutating func add(_ descriptor: MetricDescriptor, _ labelValues: [String], histogram: HistogramValue) {
    precondition(descriptor.type == .histogram, "metric \(descriptor.name) is a \(descriptor.type.rawValue) and got a histogram")
    set(descriptor, labelValues, .histogram(histogram))
  }

  /// Takes over every family and sample of `other`; a series that both have gets the other's value.
  package mutating func merge(_ other: MetricSet) {
    for accumulator in other.accumulators {
      let position = position(of: accumulator.descriptor)
      for sample in accumulator.samples { accumulators[position].set(sample) }
    }
  }

  /// The families whose text 0.0.4 name `isIncluded` takes.
  package func filtered(_ isIncluded: (_ name: String) -> Bool) -> MetricSet {
    var result = MetricSet()
    for accumulator in accumulators where isIncluded(accumulator.descriptor.name) {
      result.positions[accumulator.descriptor.familyName] = result.accumulators.count
      result.accumulators.append(accumulator)
    }
    return result
  }

  /// The families, sorted by name, and their samples, in the byte order of their lines.
  package var families: [MetricFamily] {
    accumulators.sorted { $0.descriptor.name < $1.descriptor.name }.map(\.family)
  }

  /// There is no sample.
  package var isEmpty: Bool { accumulators.isEmpty }

  private mutating func set(_ descriptor: MetricDescriptor, _ labelValues: [String], _ value: SampleValue) {
    precondition(
      labelValues.count == descriptor.labels.count,
      "metric \(descriptor.name) has the labels \(descriptor.labels) and got the values \(labelValues)")
    accumulators[position(of: descriptor)].set(MetricSample(labels: LabelValues(labelValues), value: value))
  }

  private mutating func position(of descriptor: MetricDescriptor) -> Int {
    let familyName = descriptor.familyName
    if let position = positions[familyName] {
      precondition(accumulators[position].descriptor == descriptor, "two different descriptors of the metric \(familyName)")
      return position
    }
    positions[familyName] = accumulators.count
    accumulators.append(FamilyAccumulator(descriptor))
    return accumulators.count - 1
  }
}

extension MetricSet: Hashable {
  /// Sets are equal when they say the same, in whatever order it was added.
  package static func == (left: MetricSet, right: MetricSet) -> Bool { left.families == right.families }

  package func hash(into hasher: inout Hasher) { hasher.combine(families) }
}

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

/// A family while it is being filled: samples in the order they came, with an index that keeps each series single.
struct FamilyAccumulator: Sendable {
  let descriptor: MetricDescriptor
  private(set) var samples: [MetricSample] = []
  private var positions: [LabelValues: Int] = [:]

  init(_ descriptor: MetricDescriptor) { self.descriptor = descriptor }

  /// Adds a series; a series that exists already gets the new value.
  mutating func set(_ sample: MetricSample) {
    if let position = positions[sample.labels] {
      samples[position] = sample
    } else {
      positions[sample.labels] = samples.count
      samples.append(sample)
    }
  }

  /// The finished family. O(n) when the samples came in order, O(n log n) otherwise.
  var family: MetricFamily {
    MetricFamily(descriptor: descriptor, samples: samples.sorted { $0.labels < $1.labels })
  }
}
