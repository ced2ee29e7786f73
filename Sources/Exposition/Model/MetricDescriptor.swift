/// One line of the metric catalogue: everything about a family but its values.
///
/// `MetricDescriptor("portpool_capacity_ports", labels: ["netns", "protocol"], help: "Ports of the pool …")`
///
/// Prometheus: <https://prometheus.io/docs/practices/naming/>, <https://prometheus.io/docs/instrumenting/writing_exporters/>.
package struct MetricDescriptor: Sendable, Hashable {
  /// The name as text 0.0.4 writes it; a counter's ends in `_total`.
  package let name: String
  package let type: MetricType
  /// The label names, in the order in which values are given and written.
  package let labels: [String]
  /// One sentence; escaped when written.
  package let help: String

  /// Describes a family by constants of this program; a description that breaks a rule of Prometheus stops the program with the reason.
  package init(_ name: String, _ type: MetricType = .gauge, labels: [String] = [], help: String) {
    if let problem = Self.problem(name: name, type: type, labels: labels, help: help) {
      preconditionFailure("metric \(name): \(problem)")
    }
    self.name = name
    self.type = type
    self.labels = labels
    self.help = help
  }

  /// The name of the family in OpenMetrics: `process_cpu_seconds` for `process_cpu_seconds_total`.
  package var familyName: String {
    type == .counter ? String(name.dropLast(Self.counterSuffix.utf8.count)) : name
  }

  /// The unit that the name ends in, before `_total`.
  package var unit: MetricUnit? { MetricUnit(familyName: familyName) }

  static let counterSuffix = "_total"
}
