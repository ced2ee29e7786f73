/// Why a push failed, the label `reason` of `portpool_push_failures_total`: a closed set, so that each is exported from the start.
package enum PushFailureReason: String, Sendable, Hashable, CaseIterable {
  /// EADDRNOTAVAIL: the local port pool, for the target's address and port, is used up.
  case noLocalPort = "no_local_port"
  /// The host's name could not be resolved.
  case resolve
  /// Nobody answered, refused, or the connection broke.
  case connection
  case timeout
  /// A certificate is not trusted, not there, or not taken.
  case tls
  /// 3xx: the target sends elsewhere, which is not followed.
  case redirected
  /// 4xx other than 429.
  case rejected
  /// 429.
  case throttled
  /// 5xx.
  case server
  /// A file with a secret could not be read.
  case credentials
  /// A label of the group is a label of a metric.
  case grouping
  /// What should be pushed could not be collected.
  case collection
  /// libcurl or zlib is not there or does not do what is asked of it.
  case library
  /// The program ends; never counted.
  case stopped

  /// The reasons that are counted.
  package static var counted: [PushFailureReason] { allCases.filter { $0 != .stopped } }
}
