internal import CCurl

/// The results of a process's pushes.
package struct PushStatistics: Sendable, Hashable {
  /// Pushes started, successful or not; retries are not counted.
  package var pushes: UInt64 = 0
  /// Pushes that failed after all retries.
  package var failures: [PushFailureReason: UInt64] = [:]
  /// Pushes that fell due while one was still in progress.
  package var skipped: UInt64 = 0
  /// When the last push arrived, in seconds since 1970; 0 before the first.
  package var lastSuccess: Double = 0
  /// How long the last push took, retries and waits included, successful or not; collecting is not included.
  package var lastDuration: Duration = .zero

  package init() {}
}

/// What happened to a push, for a log.
package enum PushEvent: Sendable, Hashable {
  /// A push arrived; `recovered` if the one before had not.
  case arrived(Duration, recovered: Bool)
  /// A push failed; `repeated` if the one before failed for the same reason.
  case failed(PushError, repeated: Bool)
  /// Pushes fell due while one was still in progress, and were skipped.
  case skipped(UInt64)
  /// The group was deleted or its series marked stale at the end.
  case finished
}

/// The wall clock.
enum PushClock {
  /// Seconds since 1970.
  static var unixSeconds: Double { Double(ccurl_unix_milliseconds()) / 1_000 }
}
