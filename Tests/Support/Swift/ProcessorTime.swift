internal import Glibc

/// What was used of processors so far: how long something takes that does not depend on who else wants them.
package enum ProcessorTime {
  package static var ofProcess: Duration { read(CLOCK_PROCESS_CPUTIME_ID) }
  package static var ofThread: Duration { read(CLOCK_THREAD_CPUTIME_ID) }

  /// The corresponding C function is `clock_gettime`.
  private static func read(_ clock: clockid_t) -> Duration {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
