internal import Glibc
internal import Synchronization

/// The time of day. The corresponding C function is `time`.
package enum WallClock {
  /// Seconds since 1970.
  package static var seconds: Int64 { Int64(time(nil)) }

  /// What is added to `CLOCK_MONOTONIC` for nanoseconds since 1970.
  static var epoch: Int64 {
    var (wall, monotonic) = (timespec(), timespec())
    _ = unsafe clock_gettime(CLOCK_REALTIME, &wall)
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &monotonic)
    return (Int64(wall.tv_sec) - Int64(monotonic.tv_sec)) * 1_000_000_000 + Int64(wall.tv_nsec) - Int64(monotonic.tv_nsec)
  }
}

/// The clock that the kernel's network stack counts in. The corresponding C function is `clock_gettime` with `CLOCK_MONOTONIC`.
package enum MonotonicClock {
  /// How far into its current second the clock is, 0 to 999.
  package static var millisecondOfSecond: UInt32 {
    var now = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt32(now.tv_nsec / 1_000_000)
  }

  /// How often the kernel's timer ticks, `CONFIG_HZ`: 100, 250, 300 or 1000. The coarse clock moves with it.
  static var ticksInSecond: UInt32 {
    var resolution = timespec()
    _ = unsafe clock_getres(CLOCK_MONOTONIC_COARSE, &resolution)
    return resolution.tv_nsec > 0 ? UInt32((1_000_000_000 + resolution.tv_nsec / 2) / resolution.tv_nsec) : 250
  }

  /// Blocks the calling thread until the clock is next `millisecond` into a second.
  package static func sleep(untilMillisecond millisecond: UInt32) {
    Pause.sleep(.milliseconds((millisecond + 1000 - millisecondOfSecond) % 1000))
  }
}

/// The moment at which reading has to stop and be content with what it has.
package struct Deadline: Sendable {
  private enum Moment: Sendable {
    case never
    case fixed(ContinuousClock.Instant)
    case latest(LatestInstant)
  }

  private let moment: Moment

  /// A deadline that stays where it is; none for `nil`.
  package init(_ instant: ContinuousClock.Instant?) {
    moment = instant.map { .fixed($0) } ?? .never
  }

  /// A deadline that moves whenever someone is ready to wait longer.
  package init(_ latest: LatestInstant) {
    moment = .latest(latest)
  }

  package static let never = Deadline(nil)

  package var hasPassed: Bool {
    switch moment {
    case .never: false
    case .fixed(let instant): ContinuousClock.now >= instant
    case .latest(let latest): ContinuousClock.now >= latest.instant
    }
  }
}

/// The latest of the instants that it was told of, from any thread.
package final class LatestInstant: Sendable {
  private let value: Mutex<ContinuousClock.Instant>

  package init(_ instant: ContinuousClock.Instant) {
    value = Mutex(instant)
  }

  package var instant: ContinuousClock.Instant { value.withLock { $0 } }

  /// Moves it to `instant`, unless that is earlier.
  package func extend(to instant: ContinuousClock.Instant) { value.withLock { $0 = max($0, instant) } }
}

/// Waiting, for commands that have a thread of their own.
package enum Pause {
  /// Blocks the calling thread for `duration`, signals or not. The corresponding C function is `nanosleep`.
  package static func sleep(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var wanted = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = timespec()
    while unsafe nanosleep(&wanted, &left) != 0, errno == EINTR { wanted = left }
  }
}
