import Exposition
import TestSupport
import Testing

@Suite("Values as Prometheus reads them")
struct NumberTests {
  static let gauge = MetricDescriptor("portpool_x", help: "X.")

  private static func written(_ value: Double) -> String {
    var metrics = MetricSet()
    metrics.add(gauge, value: value)
    return String(Catalogue.text(metrics, .text004).split(separator: "\n")[2].dropFirst("portpool_x ".count))
  }

  @Test(
    "whole numbers have no point, others the fewest digits, the special values Prometheus' spelling",
    arguments: [
      (0, "0"), (-0.0, "-0"), (1, "1"), (-7, "-7"), (28_232, "28232"), (1e15, "1000000000000000"),
      (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992"), (1e16, "1e+16"),
      (18_446_744_073_709_551_616, "1.8446744073709552e+19"), (0.1, "0.1"), (0.30000000000000004, "0.30000000000000004"),
      (1e-5, "1e-05"), (-2.5, "-2.5"), (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
      (.nan, "NaN"), (-.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
    ] as [(Double, String)])
  func spelling(_ value: Double, _ text: String) {
    #expect(Self.written(value) == text)
  }

  @Test("every value reads back as itself, down to the bit")
  func roundTrip() throws {
    var generator = SplitMix64(seed: 42)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      let read = try #require(Double(Self.written(value)))
      #expect(read.bitPattern == value.bitPattern)
    }
  }

  @Test("counts of any integer type are taken")
  func integers() {
    var metrics = MetricSet()
    metrics.add(Self.gauge, value: UInt16.max)
    #expect(Catalogue.text(metrics, .text004).hasSuffix("portpool_x 65535\n"))
    metrics.add(Self.gauge, [], value: Int64(-1))
    #expect(Catalogue.text(metrics, .text004).hasSuffix("portpool_x -1\n"))
    metrics.add(Self.gauge, value: UInt64.max)
    #expect(Catalogue.text(metrics, .text004).hasSuffix("portpool_x 1.8446744073709552e+19\n"))
  }

  @Test(
    "a bucket's bound has the one spelling of OpenMetrics",
    arguments: [
      (0.005, "0.005"), (0.0001, "0.0001"), (0.00001, "1e-05"), (0.000125, "0.000125"), (0, "0.0"), (1, "1.0"), (10, "10.0"), (2.5, "2.5"),
      (100_000, "100000.0"), (123_456, "123456.0"), (123_456.5, "123456.5"), (1_000_000, "1e+06"), (1_250_000, "1.25e+06"), (1e16, "1e+16"),
      (1e100, "1e+100"), (-1.5, "-1.5"), (-1e-7, "-1e-07"),
    ] as [(Double, String)])
  func bounds(_ bound: Double, _ text: String) {
    let histogram = MetricDescriptor("portpool_h", .histogram, help: "H.")
    var metrics = MetricSet()
    metrics.add(histogram, histogram: HistogramValue(upperBounds: [bound]))
    #expect(Catalogue.text(metrics, .openMetrics100).contains("portpool_h_bucket{le=\"\(text)\"} 0\n"))
  }
}
