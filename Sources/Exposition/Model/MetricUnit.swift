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
