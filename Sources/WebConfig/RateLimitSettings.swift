/// `rate_limit`: how many requests all clients together may make.
package struct RateLimitSettings: Sendable, Hashable {
  /// `interval`: the time in which one more request becomes allowed.
  package let interval: Duration
  /// `burst`: how many may come at once.
  package let burst: Int
}
