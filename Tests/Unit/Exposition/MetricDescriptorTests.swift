import Exposition
import Testing

@Suite("What a descriptor may say")
struct MetricDescriptorTests {
  @Test(
    "a description that breaks a rule is told so",
    arguments: [
      ("", .gauge, [], "the name is not lower-case letters, digits and underscores"),
      ("9ports", .gauge, [], "the name is not lower-case letters, digits and underscores"),
      ("port:pool", .gauge, [], "the name is not lower-case letters, digits and underscores"),
      ("portPool", .gauge, [], "the name is not lower-case letters, digits and underscores"),
      ("port.pool", .gauge, [], "the name is not lower-case letters, digits and underscores"),
      ("portpool_total", .gauge, [], "the name of a gauge ends in _total"),
      ("portpool_count", .gauge, [], "the name of a gauge ends in _count"),
      ("portpool_sum", .histogram, [], "the name of a histogram ends in _sum"),
      ("portpool_bucket", .gauge, [], "the name of a gauge ends in _bucket"),
      ("portpool_push", .counter, [], "the counter's name does not end in _total"),
      ("_total", .counter, [], "the counter's name is only a suffix"),
      ("portpool_count_total", .counter, [], "the counter's name ends in _count_total"),
      ("portpool_x", .gauge, ["Netns"], "the label Netns is not lower-case letters, digits and underscores, or starts with __"),
      ("portpool_x", .gauge, ["__name__"], "the label __name__ is not lower-case letters, digits and underscores, or starts with __"),
      ("portpool_x", .gauge, ["instance"], "the label instance belongs to the scrape configuration"),
      ("portpool_x", .gauge, ["cluster"], "the label cluster belongs to the scrape configuration"),
      ("portpool_x", .histogram, ["le"], "the label le belongs to histograms and summaries"),
      ("portpool_x", .gauge, ["netns", "netns"], "the label netns is there twice"),
    ] as [(String, MetricType, [String], String)])
  func broken(_ name: String, _ type: MetricType, _ labels: [String], _ problem: String) {
    #expect(MetricDescriptor.problem(name: name, type: type, labels: labels, help: "H.") == problem)
  }

  @Test("an empty HELP is told so")
  func emptyHelp() {
    #expect(MetricDescriptor.problem(name: "portpool_x", type: .gauge, labels: [], help: "") == "HELP is empty")
  }

  @Test("a broken description stops the program")
  func precondition() async {
    await #expect(processExitsWith: .failure) { _ = MetricDescriptor("portpool_x", labels: ["job"], help: "H.") }
  }

  @Test(
    "the unit is the name's ending, before _total",
    arguments: [
      ("portpool_capacity_ports", .gauge, .ports), ("process_cpu_seconds_total", .counter, .seconds),
      ("process_resident_memory_bytes", .gauge, .bytes), ("portpool_used_ratio", .gauge, .ratio), ("portpool_sockets", .gauge, .sockets),
      ("portpool_tuples", .gauge, .tuples), ("portpool_range_first_port", .gauge, nil), ("portpool_build_info", .gauge, nil),
      ("seconds", .gauge, nil), ("_seconds", .gauge, nil), ("portpool_push_total", .counter, nil), ("portpool_milliseconds", .gauge, nil),
    ] as [(String, MetricType, MetricUnit?)])
  func units(_ name: String, _ type: MetricType, _ unit: MetricUnit?) {
    #expect(MetricDescriptor(name, type, help: "H.").unit == unit)
  }
}
