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

/// The kind of a metric family, as the `# TYPE` line says it.
///
/// `# TYPE portpool_capacity_ports gauge`
package enum MetricType: String, Sendable, Hashable, CaseIterable {
  case gauge, counter, histogram
}

/// The unit a metric name ends in, as the OpenMetrics `# UNIT` line says it.
///
/// `portpool_capacity_ports` counts `ports`; `process_cpu_seconds_total` counts `seconds`.
/// A name without one of these endings has no `# UNIT` line: OpenMetrics allows the line only when the name ends in the unit.
package enum MetricUnit: String, Sendable, Hashable, CaseIterable {
  case seconds, bytes, ratio, ports, sockets, tuples

  /// The unit of a family name without `_total`, or nil when it ends in none.
  package init?(familyName name: String) {
    guard
      let unit = Self.allCases.first(where: { unit in
        name.utf8.count > unit.rawValue.utf8.count + 1 && name.hasSuffix("_\(unit.rawValue)")
      })
    else { return nil }
    self = unit
  }
}

extension MetricDescriptor {
  /// Label names that a scrape configuration or a platform adds itself: ours would come out as `exported_…`.
  static let foreignLabels: Set<String> = [
    "type", "instance", "job", "host", "pod", "namespace", "container", "service", "zone", "env", "cluster",
  ]

  /// Endings that the formats give a meaning of their own.
  static let structuralSuffixes = ["_total", "_count", "_sum", "_bucket", "_created"]

  /// What breaks a rule of Prometheus in this description, or nil when nothing does.
  ///
  /// `the counter's name does not end in _total`
  package static func problem(name: String, type: MetricType, labels: [String], help: String) -> String? {
    guard isName(name) else { return "the name is not lower-case letters, digits and underscores" }
    if help.isEmpty { return "HELP is empty" }
    if type == .counter {
      guard name.hasSuffix(counterSuffix) else { return "the counter's name does not end in _total" }
      let family = String(name.dropLast(counterSuffix.utf8.count))
      guard isName(family) else { return "the counter's name is only a suffix" }
      if let suffix = structuralSuffix(of: family) { return "the counter's name ends in \(suffix)_total" }
    } else if let suffix = structuralSuffix(of: name) {
      return "the name of a \(type.rawValue) ends in \(suffix)"
    }
    return problem(labels: labels, type: type)
  }

  private static func problem(labels: [String], type: MetricType) -> String? {
    var seen: Set<String> = []
    for label in labels {
      guard isName(label), !label.hasPrefix("__") else {
        return "the label \(label) is not lower-case letters, digits and underscores, or starts with __"
      }
      if foreignLabels.contains(label) { return "the label \(label) belongs to the scrape configuration" }
      if label == "le" || label == "quantile" { return "the label \(label) belongs to histograms and summaries" }
      guard seen.insert(label).inserted else { return "the label \(label) is there twice" }
    }
    return nil
  }

  private static func structuralSuffix(of name: String) -> String? {
    structuralSuffixes.first { name.hasSuffix($0) }
  }

  /// `[a-z_][a-z0-9_]*`: what Prometheus has always taken, without the colon of recording rules and without capitals.
  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !isDigit(first) else { return false }
    return text.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
