/// A push that did not arrive: `http://gateway:9091: 400 Bad Request: pushed metrics are invalid or inconsistent`.
package struct PushError: Error, Sendable, Hashable, CustomStringConvertible {
  package let reason: PushFailureReason
  /// One sentence with the target, what happened and, where there is one, the remedy. Never a secret.
  package let description: String
  /// The time the server asked for before the next attempt, `Retry-After`.
  package let retryAfter: Duration?

  package init(_ reason: PushFailureReason, _ description: String, retryAfter: Duration? = nil) {
    self.reason = reason
    self.description = description
    self.retryAfter = retryAfter
  }

  /// The same request may succeed a moment later: connection faults, 5xx and 429, never another 4xx.
  package var isWorthRetrying: Bool {
    switch reason {
    case .noLocalPort, .resolve, .connection, .timeout, .throttled, .server: true
    case .tls, .redirected, .rejected, .credentials, .grouping, .collection, .library, .stopped: false
    }
  }
}
