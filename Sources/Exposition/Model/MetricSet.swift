/// What one scrape says: families with their samples, built anew each time.
///
/// ```
/// var metrics = MetricSet()
/// metrics.add(capacity, "host", "tcp", value: 28_232)
/// let body = metrics.encoded(as: .text004)
/// ```
///
/// There is no registry behind it. Each family and each series is there once, whatever is added: **adding a series again replaces its value**.
/// Two different descriptors of one family name are a mistake in the program and stop it.
package struct MetricSet: Sendable {
  private var accumulators: [FamilyAccumulator] = []
  /// Keyed by the OpenMetrics family name, so that a gauge `x` cannot stand beside a counter `x_total`.
  private var positions: [String: Int] = [:]

  /// A scrape that says nothing yet.
  package init() {}

  /// Names a family that may stay without samples; it is then left out of the output.
  package mutating func declare(_ descriptor: MetricDescriptor) { _ = position(of: descriptor) }

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

  /// The families that have samples, sorted by name, and their samples, in the byte order of their lines.
  package var families: [MetricFamily] {
    accumulators.filter { !$0.samples.isEmpty }
      .sorted { $0.descriptor.name < $1.descriptor.name }
      .map(\.family)
  }

  /// No family has a sample.
  package var isEmpty: Bool { accumulators.allSatisfy(\.samples.isEmpty) }

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
