internal import CCurl
internal import Exposition

/// Pushes over one kept connection, from one thread, which it blocks.
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

  /// Pushes once, trying again where that may help.
  ///
  /// - Parameter deadline: no attempt begins after it.
  mutating func push(_ metrics: MetricSet, until deadline: ContinuousClock.Instant?) throws(PushError) {
    for request in try content.requests(for: metrics, milliseconds: ccurl_unix_milliseconds()) {
      try send(request, until: deadline)
    }
    content.arrived(metrics)
  }

  /// Ends what was pushed: deletes the group, or marks its series stale. One attempt, although the session is stopped.
  mutating func finish() throws(PushError) {
    for request in content.finalRequests(milliseconds: ccurl_unix_milliseconds()) {
      try connections.exchange(request, configuration, PushSecret(configuration.credentials, readFile: readFile), finishing: true)
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
