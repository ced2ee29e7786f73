/// One series of a family with its value: `{netns="host",protocol="tcp"} 28232`.
package struct MetricSample: Sendable, Hashable {
  package let labels: LabelValues
  package let value: SampleValue

  package init(labels: LabelValues, value: SampleValue) {
    self.labels = labels
    self.value = value
  }

  /// The label values, in the order of the descriptor's labels.
  package var labelValues: [String] { labels.values }
}
