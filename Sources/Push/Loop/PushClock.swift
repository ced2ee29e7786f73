internal import CCurl

/// The wall clock.
enum PushClock {
  /// Seconds since 1970.
  static var unixSeconds: Double { Double(ccurl_unix_milliseconds()) / 1_000 }
}
