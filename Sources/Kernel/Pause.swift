internal import Glibc

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
