import Exposition
import TestSupport
import Testing

@Suite("Whatever is added, the output keeps the rules")
struct ExpositionPropertyTests {
  static let pieces = [
    "\\", "\"", "\n", "\r", " ", "{", "}", ",", "=", "#", "a", "n", "\\n", "é", "e\u{301}", "\u{1F600}", "\u{0}", "\u{2028}", "",
  ]

  static let descriptors = [
    Catalogue.capacity, Catalogue.uptime, Catalogue.cpu, Catalogue.pushes, Catalogue.build, Catalogue.duration, Catalogue.bare,
  ]

  private static func randomSet(_ generator: inout SplitMix64) -> MetricSet {
    var metrics = MetricSet()
    for _ in 0..<Int.random(in: 0...60, using: &generator) {
      guard let descriptor = descriptors.randomElement(using: &generator) else { continue }
      let values = descriptor.labels.map { _ in
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
      }
      if descriptor.type == .histogram {
        var value = HistogramValue(upperBounds: [0.5, 1])
        value.observe(Double.random(in: 0...2, using: &generator))
        metrics.add(descriptor, values, histogram: value)
      } else {
        metrics.add(descriptor, values, value: Double(bitPattern: generator.next()))
      }
    }
    return metrics
  }

  @Test("families and series once, contiguous, sorted; label values and HELP read back as they were", arguments: 0..<150)
  func rules(_ seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed))
    let metrics = Self.randomSet(&generator)
    for syntax in ExpositionFormat.Syntax.allCases {
      let isOpenMetrics = syntax == .openMetrics100
      let read = try ExpositionReader(metrics.encoded(as: ExpositionFormat(syntax)), isOpenMetrics: isOpenMetrics)
      let written = metrics.families.sorted {
        isOpenMetrics ? $0.descriptor.familyName < $1.descriptor.familyName : $0.name < $1.name
      }
      try #require(read.families.count == written.count)
      for (family, original) in zip(read.families, written) {
        #expect(family.name == (isOpenMetrics ? original.descriptor.familyName : original.name))
        #expect(family.help.elementsEqual(original.descriptor.help.utf8))
        #expect(family.type == original.descriptor.type.rawValue)
        #expect(family.unit == (isOpenMetrics ? original.descriptor.unit?.rawValue : nil))
        let own = family.series.filter { !$0.key.name.hasSuffix("_bucket") && !$0.key.name.hasSuffix("_sum") }
        #expect(own.map(\.key.labels) == original.samples.map { $0.labelValues.map { Array($0.utf8) } })
        #expect(own.allSatisfy { $0.key.labelNames == original.descriptor.labels })
        for (series, sample) in zip(own, original.samples) {
          guard case .number(let number) = sample.value, number.isFinite else { continue }
          #expect(Double(series.value)?.bitPattern == number.bitPattern)
        }
      }
    }
  }

  @Test("the order of adding does not show", arguments: 0..<20)
  func order(_ seed: Int) {
    var generator = SplitMix64(seed: UInt64(seed) + 1_000)
    let families = Self.randomSet(&generator).families
    var samples = families.flatMap { family in family.samples.map { (family.descriptor, $0) } }
    let build = { (samples: [(MetricDescriptor, MetricSample)]) in
      var metrics = MetricSet()
      for (descriptor, sample) in samples {
        switch sample.value {
        case .number(let number): metrics.add(descriptor, sample.labelValues, value: number)
        case .histogram(let value): metrics.add(descriptor, sample.labelValues, histogram: value)
        }
      }
      return metrics
    }
    let ordered = build(samples)
    samples.shuffle(using: &generator)
    #expect(build(samples).encoded(as: .text004) == ordered.encoded(as: .text004))
    #expect(build(samples).encoded(as: .openMetrics100) == ordered.encoded(as: .openMetrics100))
  }
}
