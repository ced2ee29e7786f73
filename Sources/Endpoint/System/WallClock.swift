internal import Glibc

/// The time of day, for the `Date` header.
enum WallClock {
  /// Seconds since 1970-01-01T00:00:00Z.
  ///
  /// The corresponding C function is `time`.
  static func secondsSince1970() -> Int {
    time(nil)
  }
}
