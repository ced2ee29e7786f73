internal import Exposition

/// The requests of one remote write, each small enough for every receiver.
///
/// Message `WriteRequest` of `prometheus/prompb/remote.proto`: `repeated TimeSeries timeseries = 1`, `repeated MetricMetadata metadata = 3`.
struct RemoteWriteBatch: Sendable {
  /// Samples of one request: what Prometheus itself sends at most by default.
  static let samplesPerRequest = 2_000

  /// "This series ends here." Prometheus: `model/value/value.go`, `StaleNaN`.
  static let staleMarker = Double(bitPattern: 0x7FF0_0000_0000_0002)
  /// Every other NaN is written as this one, so that none is taken for a marker. Prometheus: `model/value/value.go`, `NormalNaN`.
  static let normalNaN = Double(bitPattern: 0x7FF8_0000_0000_0001)

  private var requests: [ProtobufWriter] = []
  private var samples = 0

  /// The bodies, compressed.
  var bodies: [[UInt8]] { requests.map { SnappyBlock.compressed($0.bytes) } }

  /// Adds a sample.
  mutating func add(_ series: RemoteWriteSeries, value: Double, milliseconds: Int64) {
    if requests.isEmpty || (samples > 0 && samples % Self.samplesPerRequest == 0) { requests.append(ProtobufWriter()) }
    samples += 1
    requests[requests.count - 1].field(1, series.encoded(value: value, milliseconds: milliseconds))
  }

  /// Adds type, help and unit of a family to the request at hand: `type = 1`, `metric_family_name = 2`, `help = 4`, `unit = 5`.
  mutating func add(metadataOf descriptor: MetricDescriptor) {
    if requests.isEmpty { requests.append(ProtobufWriter()) }
    var message = ProtobufWriter()
    let type: Int64 =
      switch descriptor.type {
      case .counter: 1
      case .gauge: 2
      case .histogram: 3
      }
    message.field(1, integer: type)
    message.field(2, descriptor.name)
    message.field(4, descriptor.help)
    if let unit = descriptor.unit { message.field(5, unit.rawValue) }
    requests[requests.count - 1].field(3, message.bytes)
  }
}

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
