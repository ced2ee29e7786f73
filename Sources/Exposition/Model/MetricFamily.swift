/// A family of a scrape: its description and its samples, in the byte order of their lines, each series once.
package struct MetricFamily: Sendable, Hashable {
  package let descriptor: MetricDescriptor
  package let samples: [MetricSample]

  /// The name as text 0.0.4 writes it.
  package var name: String { descriptor.name }
}
