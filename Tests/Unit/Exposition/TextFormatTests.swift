import Exposition
import Testing

@Suite("Text 0.0.4 and OpenMetrics 1.0, byte for byte")
struct TextFormatTests {
  static var metrics: MetricSet {
    var metrics = MetricSet()
    metrics.add(Catalogue.uptime, value: 1_700_000_000.25)
    metrics.add(Catalogue.cpu, value: 12.5)
    metrics.add(Catalogue.capacity, "host", "udp", value: 28_232)
    metrics.add(Catalogue.capacity, "host", "tcp", value: 28_232)
    metrics.add(Catalogue.build, "a\\b\"c\nd", value: 1)
    metrics.add(Catalogue.bare, histogram: HistogramValue(upperBounds: [0.001, 1, 1_000_000], bucketCounts: [1, 2, 0, 3], sum: 7.5))
    metrics.add(Catalogue.duration, "http://g", histogram: HistogramValue(upperBounds: [0.5], bucketCounts: [0, 0], sum: 0))
    return metrics
  }

  @Test("text 0.0.4 sorts families and samples, keeps _total and escapes")
  func text() {
    #expect(
      Catalogue.text(Self.metrics, .text004) == #"""
        # HELP portpool_build_info A "C:\\path"\nand a second line.
        # TYPE portpool_build_info gauge
        portpool_build_info{version="a\\b\"c\nd"} 1
        # HELP portpool_capacity_ports Ports of the pool.
        # TYPE portpool_capacity_ports gauge
        portpool_capacity_ports{netns="host",protocol="tcp"} 28232
        portpool_capacity_ports{netns="host",protocol="udp"} 28232
        # HELP portpool_push_duration_seconds Duration.
        # TYPE portpool_push_duration_seconds histogram
        portpool_push_duration_seconds_bucket{url="http://g",le="0.5"} 0
        portpool_push_duration_seconds_bucket{url="http://g",le="+Inf"} 0
        portpool_push_duration_seconds_sum{url="http://g"} 0
        portpool_push_duration_seconds_count{url="http://g"} 0
        # HELP portpool_wait_seconds Wait.
        # TYPE portpool_wait_seconds histogram
        portpool_wait_seconds_bucket{le="0.001"} 1
        portpool_wait_seconds_bucket{le="1"} 3
        portpool_wait_seconds_bucket{le="1000000"} 3
        portpool_wait_seconds_bucket{le="+Inf"} 6
        portpool_wait_seconds_sum 7.5
        portpool_wait_seconds_count 6
        # HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
        # TYPE process_cpu_seconds_total counter
        process_cpu_seconds_total 12.5
        # HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
        # TYPE process_start_time_seconds gauge
        process_start_time_seconds 1700000000.25

        """#)
  }

  @Test("OpenMetrics names the counter's family without _total, adds units, escapes quotes in HELP and ends with # EOF")
  func openMetrics() {
    #expect(
      Catalogue.text(Self.metrics, .openMetrics100) == #"""
        # HELP portpool_build_info A \"C:\\path\"\nand a second line.
        # TYPE portpool_build_info gauge
        portpool_build_info{version="a\\b\"c\nd"} 1
        # HELP portpool_capacity_ports Ports of the pool.
        # TYPE portpool_capacity_ports gauge
        # UNIT portpool_capacity_ports ports
        portpool_capacity_ports{netns="host",protocol="tcp"} 28232
        portpool_capacity_ports{netns="host",protocol="udp"} 28232
        # HELP portpool_push_duration_seconds Duration.
        # TYPE portpool_push_duration_seconds histogram
        # UNIT portpool_push_duration_seconds seconds
        portpool_push_duration_seconds_bucket{url="http://g",le="0.5"} 0
        portpool_push_duration_seconds_bucket{url="http://g",le="+Inf"} 0
        portpool_push_duration_seconds_sum{url="http://g"} 0
        portpool_push_duration_seconds_count{url="http://g"} 0
        # HELP portpool_wait_seconds Wait.
        # TYPE portpool_wait_seconds histogram
        # UNIT portpool_wait_seconds seconds
        portpool_wait_seconds_bucket{le="0.001"} 1
        portpool_wait_seconds_bucket{le="1.0"} 3
        portpool_wait_seconds_bucket{le="1e+06"} 3
        portpool_wait_seconds_bucket{le="+Inf"} 6
        portpool_wait_seconds_sum 7.5
        portpool_wait_seconds_count 6
        # HELP process_cpu_seconds Total user and system CPU time spent in seconds.
        # TYPE process_cpu_seconds counter
        # UNIT process_cpu_seconds seconds
        process_cpu_seconds_total 12.5
        # HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
        # TYPE process_start_time_seconds gauge
        # UNIT process_start_time_seconds seconds
        process_start_time_seconds 1700000000.25
        # EOF

        """#)
  }

  @Test("a scrape without samples is empty, or only # EOF")
  func empty() {
    let metrics = MetricSet()
    #expect(metrics.isEmpty)
    #expect(metrics.encoded(as: .text004).isEmpty)
    #expect(Catalogue.text(metrics, .openMetrics100) == "# EOF\n")
  }

  @Test("OpenMetrics sorts counters by their family's name")
  func openMetricsOrder() {
    let total = MetricDescriptor("portpool_total", .counter, help: "T.")
    let ports = MetricDescriptor("portpool_ports", help: "P.")
    var metrics = MetricSet()
    metrics.add(total, value: 1)
    metrics.add(ports, value: 2)
    let families = { (format: ExpositionFormat) in
      Catalogue.text(metrics, format).split(separator: "\n").filter { $0.hasPrefix("# TYPE") }.map { $0.split(separator: " ")[2] }
    }
    #expect(families(.text004) == ["portpool_ports", "portpool_total"])
    #expect(families(.openMetrics100) == ["portpool", "portpool_ports"])
  }

  @Test("dots doubles every underscore of a name and leaves the other schemes' names alone", arguments: EscapingScheme.allCases)
  func schemes(_ scheme: EscapingScheme) {
    var metrics = MetricSet()
    metrics.add(MetricDescriptor("portpool_tuple_ports", labels: ["destination_port"], help: "A_b."), "a_b", value: 1)
    metrics.add(Catalogue.cpu, value: 1)
    let plainText = Catalogue.text(metrics, .text004)
    let plainOpen = Catalogue.text(metrics, .openMetrics100)
    let text = Catalogue.text(metrics, ExpositionFormat(.text004, escaping: scheme))
    let open = Catalogue.text(metrics, ExpositionFormat(.openMetrics100, escaping: scheme))
    guard scheme == .dots else {
      #expect(text == plainText)
      #expect(open == plainOpen)
      return
    }
    #expect(
      text == #"""
        # HELP portpool__tuple__ports A_b.
        # TYPE portpool__tuple__ports gauge
        portpool__tuple__ports{destination__port="a_b"} 1
        # HELP process__cpu__seconds__total Total user and system CPU time spent in seconds.
        # TYPE process__cpu__seconds__total counter
        process__cpu__seconds__total 1

        """#)
    #expect(
      open == #"""
        # HELP portpool__tuple__ports A_b.
        # TYPE portpool__tuple__ports gauge
        # UNIT portpool__tuple__ports ports
        portpool__tuple__ports{destination__port="a_b"} 1
        # HELP process__cpu__seconds_ Total user and system CPU time spent in seconds.
        # TYPE process__cpu__seconds_ counter
        process__cpu__seconds__total 1
        # EOF

        """#)
  }
}
