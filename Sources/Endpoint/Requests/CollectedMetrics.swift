internal import Exposition

/// The outcome of one collection. Each format is written at most once, whichever client asks first.
actor CollectedMetrics {
  private let metrics: MetricSet
  private var bodies: [ExpositionFormat: SharedBody] = [:]

  init(_ metrics: MetricSet) {
    self.metrics = metrics
  }

  /// The metrics in a format.
  func body(as format: ExpositionFormat) -> SharedBody {
    if let body = bodies[format] { return body }
    let body = SharedBody(metrics.encoded(as: format))
    bodies[format] = body
    return body
  }
}
