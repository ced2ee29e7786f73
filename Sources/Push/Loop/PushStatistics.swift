/// What the pushes of a process came to.
package struct PushStatistics: Sendable, Hashable {
  /// Pushes begun, whatever came of them; retries are not counted.
  package var pushes: UInt64 = 0
  /// Pushes that failed after all retries.
  package var failures: [PushFailureReason: UInt64] = [:]
  /// Times a push was due while one was still on its way.
  package var skipped: UInt64 = 0
  /// When the last push arrived, in seconds since 1970; 0 before the first.
  package var lastSuccess: Double = 0
  /// How long the last push took, retries and waits included, whatever came of it; not what was collected for it.
  package var lastDuration: Duration = .zero

  package init() {}
}
