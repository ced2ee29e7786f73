/// The kind of a metric family, as the `# TYPE` line says it.
///
/// `# TYPE portpool_capacity_ports gauge`
package enum MetricType: String, Sendable, Hashable, CaseIterable {
  case gauge, counter, histogram
}
