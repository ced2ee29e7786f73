/// A family of a scrape: its description and its samples, in the byte order of their lines, each series once.
package struct MetricFamily: Sendable, Hashable {
  package let descriptor: MetricDescriptor
  package let samples: [MetricSample]

  /// The name as text 0.0.4 writes it.
  package var name: String { descriptor.name }
}

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

/// What one series of a family says.
package enum SampleValue: Sendable, Hashable {
  /// The value of a gauge or counter. NaN and the infinities are values too.
  case number(Double)
  /// The buckets, sum and count of a histogram.
  case histogram(HistogramValue)
}

/// One time series as Prometheus stores it, histograms taken apart: what remote write sends.
///
/// `portpool_capacity_ports{netns="host",protocol="tcp"} 28232`
package struct MetricSeries: Sendable, Hashable {
  /// A label with its value; the value is not escaped.
  package struct Label: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The sample name: `process_cpu_seconds_total`, `portpool_wait_seconds_bucket`.
  package let name: String
  /// The labels in the descriptor's order, `le` last.
  package let labels: [Label]
  package let value: Double
}

extension MetricFamily {
  /// The family's series, in the order they are written. A bound has its OpenMetrics spelling, as Prometheus 3 stores it.
  package var series: [MetricSeries] {
    samples.flatMap { sample in
      let labels = zip(descriptor.labels, sample.labelValues).map(MetricSeries.Label.init)
      switch sample.value {
      case .number(let value): return [MetricSeries(name: name, labels: labels, value: value)]
      case .histogram(let value): return Self.series(of: value, name, labels)
      }
    }
  }

  private static func series(of value: HistogramValue, _ name: String, _ labels: [MetricSeries.Label]) -> [MetricSeries] {
    var series: [MetricSeries] = []
    value.forEachCumulativeBucket { bound, count in
      var writer = ByteWriter(capacity: 24)
      writer.write(openMetricsBound: bound)
      let le = MetricSeries.Label(name: "le", value: String(decoding: writer.bytes, as: UTF8.self))
      series.append(MetricSeries(name: "\(name)_bucket", labels: labels + [le], value: Double(count)))
    }
    series.append(MetricSeries(name: "\(name)_sum", labels: labels, value: value.sum))
    series.append(MetricSeries(name: "\(name)_count", labels: labels, value: Double(value.count)))
    return series
  }
}
