internal import CCurl
internal import Exposition

/// Pushes over one kept connection, blocking the thread that it runs on.
@safe struct PushSession: ~Copyable {
  private let configuration: PushConfiguration
  private let retries: RetryPolicy
  private let readFile: @Sendable (String) throws -> [UInt8]
  private let connections: CurlMulti
  private var content: PushContent

  init(
    _ configuration: PushConfiguration, retries: RetryPolicy, connections: CurlMulti,
    readFile: @escaping @Sendable (String) throws -> [UInt8]
  ) {
    self.configuration = configuration
    self.retries = retries
    self.connections = connections
    self.readFile = readFile
    content = PushContent(configuration)
    ccurl_block_sigpipe()
  }

  /// Pushes once, with retries where they may help.
  ///
  /// - Parameter deadline: no attempt begins after it.
  mutating func push(_ metrics: MetricSet, until deadline: ContinuousClock.Instant?) throws(PushError) {
    for request in try content.requests(for: metrics, milliseconds: ccurl_unix_milliseconds()) {
      try send(request, until: deadline)
    }
    content.arrived(metrics)
  }

  /// Ends what was pushed: deletes the group, or marks its series stale. One attempt, although the session is stopped.
  ///
  /// - Parameter limit: the longest that all of its requests may take, whatever the configured time limit of one.
  mutating func finish(within limit: Duration) throws(PushError) {
    let deadline = ContinuousClock.now + limit
    for request in content.finalRequests(milliseconds: ccurl_unix_milliseconds()) {
      let left = deadline - .now
      guard left > .zero else { throw PushError(.timeout, "\(request.shownURL): no time was left to end what was pushed") }
      try connections.exchange(
        request, configuration, PushSecret(configuration.credentials, readFile: readFile),
        finishingWithin: min(left, configuration.timeout))
    }
  }

  private func send(_ request: PushRequest, until deadline: ContinuousClock.Instant?) throws(PushError) {
    var attempt = 1
    while true {
      do {
        try connections.exchange(request, configuration, PushSecret(configuration.credentials, readFile: readFile))
        return
      } catch {
        guard error.isWorthRetrying, attempt < retries.attempts else { throw error }
        let again = ContinuousClock.now + retries.delay(after: attempt, retryAfter: error.retryAfter, jitter: .random(in: 0...1))
        if let deadline, again >= deadline { throw error }
        connections.wait(until: again)
        if connections.isStopped { throw error }
      }
      attempt += 1
    }
  }
}

/// When to retry: with exponential backoff and jitter.
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
