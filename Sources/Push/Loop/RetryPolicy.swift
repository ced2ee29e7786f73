/// When to try again: exponentially later, and each host at its own moment.
package struct RetryPolicy: Sendable, Hashable {
  /// Attempts of one push, the first included.
  package let attempts: Int
  /// The wait after the first attempt, before jitter.
  package let base: Duration
  /// The longest wait, before jitter; a server's `Retry-After` is cut to it too.
  package let limit: Duration

  package init(attempts: Int, base: Duration, limit: Duration) {
    self.attempts = attempts
    self.base = base
    self.limit = limit
  }

  /// Five attempts within about eight seconds.
  package static let standard = RetryPolicy(attempts: 5, base: .milliseconds(500), limit: .seconds(30))

  /// The wait after the failed attempt number `attempt`, from 1: between half and all of `base * 2^(attempt - 1)`, and not less than
  /// `retryAfter`.
  ///
  /// - Parameter jitter: a random number from 0 to 1.
  package func delay(after attempt: Int, retryAfter: Duration? = nil, jitter: Double) -> Duration {
    // Beyond 2^30 the limit has long been reached.
    let full = min(limit, base * (1 << min(attempt - 1, 30)))
    let jittered = full * (0.5 + jitter / 2)
    guard let retryAfter else { return jittered }
    return max(jittered, min(retryAfter, limit))
  }
}
