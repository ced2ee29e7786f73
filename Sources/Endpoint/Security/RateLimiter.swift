internal import Synchronization
internal import WebConfig

/// A token bucket for all clients together: `burst` requests at once, and one more in each `interval`.
final class RateLimiter: Sendable {
  let settings: RateLimitSettings
  private let state: Mutex<(tokens: Double, time: ContinuousClock.Instant)>

  init(_ settings: RateLimitSettings, now: ContinuousClock.Instant = .now) {
    self.settings = settings
    state = Mutex((Double(settings.burst), now))
  }

  /// Takes a token; `false` when there is none.
  func allows(now: ContinuousClock.Instant = .now) -> Bool {
    state.withLock { state in
      let gained = (now - state.time) / settings.interval
      state.tokens = min(Double(settings.burst), state.tokens + max(0, gained))
      state.time = max(now, state.time)
      guard state.tokens >= 1 else { return false }
      state.tokens -= 1
      return true
    }
  }
}
