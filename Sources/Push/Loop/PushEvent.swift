/// What happened to a push, for a log.
package enum PushEvent: Sendable, Hashable {
  /// A push arrived; `recovered` says that the one before had not.
  case arrived(Duration, recovered: Bool)
  /// A push failed; `repeated` says that the one before did so too, for the same reason.
  case failed(PushError, repeated: Bool)
  /// Pushes were due while one was still on its way, and were left out.
  case skipped(UInt64)
  /// The group was deleted or its series marked stale at the end.
  case finished
}
