/// A push that did not arrive: `http://gateway:9091: 400 Bad Request: pushed metrics are invalid or inconsistent`.
package struct PushError: Error, Sendable, Hashable, CustomStringConvertible {
  package let reason: PushFailureReason
  /// One sentence with the target, what happened and, if one is known, the remedy. Never a secret.
  package let description: String
  /// The time the server asked for before the next attempt, `Retry-After`.
  package let retryAfter: Duration?

  package init(_ reason: PushFailureReason, _ description: String, retryAfter: Duration? = nil) {
    self.reason = reason
    self.description = description
    self.retryAfter = retryAfter
  }

  /// Whether the same request may succeed a moment later: connection faults, 5xx and 429, never another 4xx.
  package var isWorthRetrying: Bool {
    switch reason {
    case .noLocalPort, .resolve, .connection, .timeout, .throttled, .server: true
    case .tls, .redirected, .rejected, .credentials, .grouping, .collection, .library, .stopped: false
    }
  }
}

/// Why a push failed, the label `reason` of `portpool_push_failures_total`: a closed set, so that each is exported from the start.
package enum PushFailureReason: String, Sendable, Hashable, CaseIterable {
  /// EADDRNOTAVAIL: the local port pool, for the target's address and port, is used up.
  case noLocalPort = "no_local_port"
  /// The host's name could not be resolved.
  case resolve
  /// No answer, refused, or the connection broke.
  case connection
  case timeout
  /// A certificate is not trusted, missing, or not accepted.
  case tls
  /// 3xx: redirects are not followed.
  case redirected
  /// 4xx other than 429.
  case rejected
  /// 429.
  case throttled
  /// 5xx.
  case server
  /// A file with a secret could not be read, or the secret would go to a proxy in the clear.
  case credentials
  /// A label of the group is a label of a metric.
  case grouping
  /// The metrics could not be collected.
  case collection
  /// libcurl or zlib is missing or refuses a call.
  case library
  /// The program is stopping; never counted.
  case stopped

  /// The reasons that are counted.
  package static var counted: [PushFailureReason] { allCases.filter { $0 != .stopped } }
}
