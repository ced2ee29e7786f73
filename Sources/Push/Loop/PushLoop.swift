package import Exposition
internal import Synchronization

/// Pushes at a fixed interval until it is stopped, or once: one at a time, on the thread that calls `run`.
///
/// Pushes that fall due while one is still in progress are skipped, not made up for.
package final class PushLoop: Sendable {
  private let configuration: PushConfiguration
  private let retries: RetryPolicy
  private let readFile: @Sendable (String) throws -> [UInt8]
  private let collect: @Sendable () throws -> MetricSet
  private let report: @Sendable (PushEvent) -> Void
  private let connections: CurlMulti
  private let counted = Mutex(PushStatistics())

  /// Loads libcurl, and checks that secrets can be read.
  ///
  /// - Parameters:
  ///   - readFile: the bytes of a file with a secret.
  ///   - collect: returns what to push; called once for each push, on the pushing thread.
  ///   - report: called with each event, on the pushing thread.
  /// - Throws: when libcurl is missing or a secret cannot be read.
  package init(
    _ configuration: PushConfiguration, retries: RetryPolicy = .standard, readFile: @escaping @Sendable (String) throws -> [UInt8],
    collect: @escaping @Sendable () throws -> MetricSet, report: @escaping @Sendable (PushEvent) -> Void
  ) throws(PushError) {
    _ = try PushSecret(configuration.credentials, readFile: readFile)
    self.configuration = configuration
    self.retries = retries
    self.readFile = readFile
    self.collect = collect
    self.report = report
    connections = try CurlMulti(CurlLibrary.shared.get())
  }

  /// The results of the pushes so far. From any thread.
  package var statistics: PushStatistics { counted.withLock { $0 } }

  /// The longest that the last requests may take once the loop is stopped, whatever ``PushConfiguration/timeout`` says.
  package static let finishLimit = Duration.seconds(5)

  /// Ends `run` soon: cancels a push in progress, and ends the group within ``finishLimit``. From any thread.
  package func stop() { connections.stop() }

  /// Pushes until it is stopped; blocks the calling thread, which must not be one of Swift's pool.
  ///
  /// - Returns: the failure of the last push that was not cancelled; `nil` if it arrived.
  package func run() -> PushError? {
    var session = PushSession(configuration, retries: retries, connections: connections, readFile: readFile)
    var last: PushError?
    let start = ContinuousClock.now
    var tick: Int64 = 0
    while !connections.isStopped {
      let next = configuration.interval.map { start + $0 * (tick + 1) }
      let failure = push(with: &session, until: next, after: last)
      guard let interval = configuration.interval, let next else { return failure }
      if failure?.reason == .stopped { break }
      last = failure
      tick += 1
      let late = ContinuousClock.now - next
      if late > .zero { tick += skip(Int64(late / interval) + 1) }
      connections.wait(until: start + interval * tick)
    }
    finish(&session)
    return last
  }

  private func push(
    with session: inout PushSession, until deadline: ContinuousClock.Instant?, after last: PushError?
  ) -> PushError? {
    var begin = ContinuousClock.now
    var failure: PushError?
    do throws(PushError) {
      let metrics = try collected()
      begin = .now
      try session.push(metrics, until: deadline)
    } catch {
      failure = error
    }
    // A push that was cancelled because the program is stopping says nothing about the target.
    if failure?.reason == .stopped { return failure }
    let duration = ContinuousClock.now - begin
    counted.withLock {
      $0.pushes += 1
      $0.lastDuration = duration
      if let failure { $0.failures[failure.reason, default: 0] += 1 } else { $0.lastSuccess = PushClock.unixSeconds }
    }
    if let failure {
      report(.failed(failure, repeated: last?.reason == failure.reason))
    } else {
      report(.arrived(duration, recovered: last != nil))
    }
    return failure
  }

  private func collected() throws(PushError) -> MetricSet {
    do {
      return try collect()
    } catch {
      throw PushError(.collection, "there is nothing to push: \(error)")
    }
  }

  private func skip(_ ticks: Int64) -> Int64 {
    counted.withLock { $0.skipped += UInt64(ticks) }
    report(.skipped(UInt64(ticks)))
    return ticks
  }

  private func finish(_ session: inout PushSession) {
    do throws(PushError) {
      try session.finish(within: Self.finishLimit)
      report(.finished)
    } catch {
      report(.failed(error, repeated: false))
    }
  }
}
