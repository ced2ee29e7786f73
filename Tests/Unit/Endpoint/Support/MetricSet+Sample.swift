import Exposition

extension MetricSet {
  /// Two families, one of them a counter.
  static var sample: MetricSet {
    var metrics = MetricSet()
    let capacity = MetricDescriptor("portpool_capacity_ports", labels: ["netns", "protocol"], help: "Ports of the pool.")
    metrics.add(capacity, "host", "tcp", value: 28_232)
    metrics.add(capacity, "host", "udp", value: 28_232)
    metrics.add(MetricDescriptor("process_cpu_seconds_total", .counter, help: "CPU time."), value: 1.5)
    return metrics
  }
}
