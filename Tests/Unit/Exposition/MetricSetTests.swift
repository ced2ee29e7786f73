import Exposition
import Testing

@Suite("A scrape as a value")
struct MetricSetTests {
  @Test("adding a series again replaces its value")
  func replaces() {
    var metrics = MetricSet()
    metrics.add(Catalogue.capacity, "host", "tcp", value: 1)
    metrics.add(Catalogue.capacity, "host", "udp", value: 2)
    metrics.add(Catalogue.capacity, "host", "tcp", value: 3)
    let samples = metrics.families[0].samples
    #expect(samples.map(\.labelValues) == [["host", "tcp"], ["host", "udp"]])
    #expect(samples.map(\.value) == [.number(3), .number(2)])
  }

  @Test("label values that String takes for equal are two series, as they are for Prometheus")
  func canonicalEquivalence() {
    let composed = "caf\u{E9}"
    let decomposed = "cafe\u{301}"
    #expect(composed == decomposed)
    var metrics = MetricSet()
    metrics.add(Catalogue.pushes, composed, value: 1)
    metrics.add(Catalogue.pushes, decomposed, value: 2)
    #expect(metrics.families[0].samples.map(\.value) == [.number(2), .number(1)])
  }

  @Test("values that only joined are equal are two series")
  func boundaries() {
    var metrics = MetricSet()
    metrics.add(Catalogue.capacity, "ab", "c", value: 1)
    metrics.add(Catalogue.capacity, "a", "bc", value: 2)
    metrics.add(Catalogue.capacity, "", "abc", value: 3)
    metrics.add(Catalogue.capacity, "abc", "", value: 4)
    #expect(metrics.families[0].samples.map(\.value) == [.number(3), .number(2), .number(1), .number(4)])
  }

  @Test("merge takes over families and samples, the other's value winning")
  func merge() {
    var left = MetricSet()
    left.add(Catalogue.capacity, "host", "tcp", value: 1)
    left.add(Catalogue.capacity, "host", "udp", value: 2)
    var right = MetricSet()
    right.add(Catalogue.capacity, "host", "tcp", value: 10)
    right.add(Catalogue.cpu, value: 5)
    var expected = MetricSet()
    expected.add(Catalogue.cpu, value: 5)
    expected.add(Catalogue.capacity, "host", "udp", value: 2)
    expected.add(Catalogue.capacity, "host", "tcp", value: 10)
    left.merge(right)
    #expect(left == expected)
    #expect(left.hashValue == expected.hashValue)
    #expect(right != expected)
  }

  @Test("filtered keeps whole families by name and can be added to afterwards")
  func filtered() {
    var metrics = TextFormatTests.metrics.filtered { !$0.hasPrefix("process_") }
    #expect(metrics.families.map(\.name).allSatisfy { $0.hasPrefix("portpool_") })
    #expect(metrics.families.count == 4)
    metrics.add(Catalogue.capacity, "host", "tcp", value: 9)
    #expect(metrics.families[1].samples.count == 2)
    metrics.add(Catalogue.cpu, value: 9)
    #expect(metrics.families.count == 5)
  }

  @Test("a histogram counts into the first bucket whose bound is not below the value")
  func histogram() {
    var value = HistogramValue(upperBounds: [0.1, 1])
    for observation in [0.05, 0.1, 0.5, 1, 3, .infinity] { value.observe(observation) }
    #expect(value.bucketCounts == [2, 2, 2])
    #expect(value.count == 6)
    #expect(value.sum == .infinity)
    value.observe(.nan)
    #expect(value.bucketCounts == [2, 2, 3])
    var cumulative: [(Double, UInt64)] = []
    value.forEachCumulativeBucket { cumulative.append(($0, $1)) }
    #expect(cumulative.map(\.0) == [0.1, 1, .infinity])
    #expect(cumulative.map(\.1) == [2, 4, 7])
  }

  @Test("two descriptors of one family stop the program")
  func conflict() async {
    await #expect(processExitsWith: .failure) {
      var metrics = MetricSet()
      metrics.add(MetricDescriptor("portpool_push_total", .counter, help: "A."), value: 1)
      metrics.add(MetricDescriptor("portpool_push", help: "A."), value: 1)
    }
  }

  @Test("a missing label value stops the program")
  func missingValue() async {
    await #expect(processExitsWith: .failure) {
      var metrics = MetricSet()
      metrics.add(MetricDescriptor("portpool_ports", labels: ["netns"], help: "A."), value: 1)
    }
  }
}
