package import Exposition
package import PortModel

/// What the exporter says about itself.
package enum ExporterMetrics {
  /// The `process_*` series, as every Prometheus client library has them.
  package static func metrics(of usage: ProcessUsage) -> MetricSet {
    var metrics = MetricSet()
    metrics.add(MetricCatalog.cpuSeconds, value: usage.cpuSeconds)
    metrics.add(MetricCatalog.residentMemory, value: usage.residentBytes)
    metrics.add(MetricCatalog.virtualMemory, value: usage.virtualBytes)
    metrics.add(MetricCatalog.openDescriptors, value: usage.openDescriptors)
    metrics.add(MetricCatalog.maximumDescriptors, value: usage.maximumDescriptors)
    metrics.add(MetricCatalog.startTime, value: usage.startTime)
    return metrics
  }

  /// `portpool_build_info` and, for a server, `portpool_exporter_port_at_risk`.
  package static func metrics(
    version: String, revision: String, swiftVersion: String, operatingSystem: String, architecture: String
  ) -> MetricSet {
    var metrics = MetricSet()
    metrics.add(MetricCatalog.buildInfo, version, revision, swiftVersion, operatingSystem, architecture, value: 1)
    return metrics
  }

  /// Whether an outgoing connection could take the exporter's own port.
  package static func metrics(isPortAtRisk: Bool) -> MetricSet {
    var metrics = MetricSet()
    metrics.add(MetricCatalog.portAtRisk, value: isPortAtRisk ? 1 : 0)
    return metrics
  }
}
