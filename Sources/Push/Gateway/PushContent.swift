internal import Exposition

/// Makes the requests of a push, and those that end it, in one of the two formats.
struct PushContent: Sendable {
  private let configuration: PushConfiguration
  /// The series of the last push that arrived; a series missing from the next one gets a staleness marker.
  private var live: Set<RemoteWriteSeries> = []

  init(_ configuration: PushConfiguration) { self.configuration = configuration }

  /// The requests that push `metrics`, without `process_*`: a Pushgateway has its own. None when there is nothing to push.
  ///
  /// - Parameter milliseconds: the time of the samples since 1970; only remote write sends it.
  func requests(for metrics: MetricSet, milliseconds: Int64) throws(PushError) -> [PushRequest] {
    let pushed = metrics.filtered { !$0.hasPrefix("process_") }
    try checkGrouping(of: pushed)
    switch configuration.format {
    case .pushgateway:
      let body = pushed.encoded(as: .text004)
      guard configuration.compression == .gzip else { return [groupRequest(configuration.method.verb, body)] }
      let encoder = try GzipEncoder.shared.get()
      return [groupRequest(configuration.method.verb, try encoder.compressed(body), coding: ["Content-Encoding: gzip"])]
    case .remoteWrite:
      var batch = RemoteWriteBatch()
      var missing = live
      for family in pushed.families {
        for series in family.series {
          let identity = RemoteWriteSeries(series, group: group)
          missing.remove(identity)
          let value = series.value.isNaN ? RemoteWriteBatch.normalNaN : series.value
          batch.add(identity, value: value, milliseconds: milliseconds)
        }
        batch.add(metadataOf: family.descriptor)
      }
      for identity in missing { batch.add(identity, value: RemoteWriteBatch.staleMarker, milliseconds: milliseconds) }
      return batch.bodies.map(writeRequest)
    }
  }

  /// Remembers the series of a push that arrived.
  mutating func arrived(_ metrics: MetricSet) {
    guard configuration.format == .remoteWrite else { return }
    live = Set(
      metrics.filtered { !$0.hasPrefix("process_") }.families.flatMap { $0.series.map { RemoteWriteSeries($0, group: group) } })
  }

  /// The requests that end what was pushed: `DELETE` of the group if configured, staleness markers.
  func finalRequests(milliseconds: Int64) -> [PushRequest] {
    switch configuration.format {
    case .pushgateway: return configuration.deletesOnExit ? [groupRequest("DELETE", nil)] : []
    case .remoteWrite:
      var batch = RemoteWriteBatch()
      for identity in live { batch.add(identity, value: RemoteWriteBatch.staleMarker, milliseconds: milliseconds) }
      return batch.bodies.map(writeRequest)
    }
  }

  private var group: [MetricSeries.Label] {
    [MetricSeries.Label(name: "job", value: configuration.job)] + configuration.grouping
  }

  private func groupRequest(_ method: String, _ body: [UInt8]?, coding: [String] = []) -> PushRequest {
    let url = configuration.url.base + GroupingPath.path(job: configuration.job, grouping: configuration.grouping)
    let headers = body == nil ? [] : ["Content-Type: \(ExpositionFormat.text004.contentType)"] + coding
    return PushRequest(method: method, url: url, shownURL: url, headers: headers, body: body)
  }

  private func writeRequest(_ body: [UInt8]) -> PushRequest {
    PushRequest(
      method: "POST", url: configuration.url.base + configuration.url.query, shownURL: configuration.url.base,
      headers: ["Content-Type: application/x-protobuf", "Content-Encoding: snappy", "X-Prometheus-Remote-Write-Version: 0.1.0"], body: body)
  }

  /// A grouping label that a metric has too would merge its series into one.
  private func checkGrouping(of metrics: MetricSet) throws(PushError) {
    for family in metrics.families {
      guard let label = group.first(where: { family.descriptor.labels.contains($0.name) }) else { continue }
      throw PushError(
        .grouping, "the grouping label \(label.name) is a label of \(family.name) too and would overwrite it; choose another label")
    }
  }
}
