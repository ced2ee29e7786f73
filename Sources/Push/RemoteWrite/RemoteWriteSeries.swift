internal import Exposition

/// The identity of a series on the wire: its labels, sorted by name, encoded once and kept to mark the series stale later.
///
/// Message `TimeSeries` of `prometheus/prompb/types.proto`: `repeated Label labels = 1` with `string name = 1`, `string value = 2`.
struct RemoteWriteSeries: Sendable, Hashable {
  /// The encoded fields `labels`.
  private let labels: [UInt8]

  /// The labels of a series, those of its group and its name. A label with an empty value is as good as absent, and left out.
  init(_ series: MetricSeries, group: [MetricSeries.Label]) {
    var all = series.labels + group
    all.append(MetricSeries.Label(name: "__name__", value: series.name))
    all.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var writer = ProtobufWriter()
    for label in all where !label.value.isEmpty {
      var message = ProtobufWriter()
      message.field(1, label.name)
      message.field(2, label.value)
      writer.field(1, message.bytes)
    }
    labels = writer.bytes
  }

  /// The message `TimeSeries` with one sample: `double value = 1`, `int64 timestamp = 2` in milliseconds.
  func encoded(value: Double, milliseconds: Int64) -> [UInt8] {
    var sample = ProtobufWriter()
    sample.field(1, double: value)
    sample.field(2, integer: milliseconds)
    var message = ProtobufWriter()
    message.append(labels)
    message.field(2, sample.bytes)
    return message.bytes
  }
}
