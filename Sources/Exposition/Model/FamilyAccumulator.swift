/// A family while it is being filled: samples in the order they came, with an index that keeps each series single.
struct FamilyAccumulator: Sendable {
  let descriptor: MetricDescriptor
  private(set) var samples: [MetricSample] = []
  private var positions: [LabelValues: Int] = [:]

  init(_ descriptor: MetricDescriptor) { self.descriptor = descriptor }

  /// Adds a series; a series that is there already gets the new value.
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
