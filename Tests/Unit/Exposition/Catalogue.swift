import Exposition

/// Descriptors that stand for every shape a family can have.
enum Catalogue {
  static let capacity = MetricDescriptor("portpool_capacity_ports", labels: ["netns", "protocol"], help: "Ports of the pool.")
  static let uptime = MetricDescriptor("process_start_time_seconds", help: "Start time of the process since unix epoch in seconds.")
  static let cpu = MetricDescriptor("process_cpu_seconds_total", .counter, help: "Total user and system CPU time spent in seconds.")
  static let pushes = MetricDescriptor("portpool_push_total", .counter, labels: ["reason"], help: "Pushes.")
  static let build = MetricDescriptor("portpool_build_info", labels: ["version"], help: "A \"C:\\path\"\nand a second line.")
  static let duration = MetricDescriptor("portpool_push_duration_seconds", .histogram, labels: ["url"], help: "Duration.")
  static let bare = MetricDescriptor("portpool_wait_seconds", .histogram, help: "Wait.")

  static func text(_ metrics: MetricSet, _ format: ExpositionFormat) -> String {
    String(decoding: metrics.encoded(as: format), as: UTF8.self)
  }
}
