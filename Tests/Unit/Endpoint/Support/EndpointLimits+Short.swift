import Endpoint

extension EndpointLimits {
  /// Limits that a test can meet in moments; the times still differ enough to tell one from another.
  static var short: EndpointLimits {
    var limits = EndpointLimits()
    limits.headerTimeout = .milliseconds(400)
    limits.bodyTimeout = .milliseconds(400)
    limits.responseTimeout = .milliseconds(600)
    limits.idleTimeout = .milliseconds(1500)
    limits.drainTimeout = .milliseconds(800)
    return limits
  }
}
