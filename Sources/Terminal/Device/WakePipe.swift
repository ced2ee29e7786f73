internal import Glibc
package import Kernel

/// Waits for descriptors. The corresponding C function is `poll`.
package enum Readiness {
  /// Waits until one of `reading` can be read (or its other end is gone), `writing` can be written, or the time is up.
  ///
  /// - Parameter timeout: `nil` waits forever.
  /// - Returns: the descriptors that are ready; empty when the time is up or a signal interrupted the wait.
  package static func wait(reading: [Int32], writing: Int32? = nil, timeout: Duration?) -> Set<Int32> {
    var requests = reading.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    if let writing { requests.append(pollfd(fd: writing, events: Int16(POLLOUT), revents: 0)) }
    let count = unsafe poll(&requests, nfds_t(requests.count), milliseconds(timeout))
    guard count > 0 else { return [] }
    return Set(requests.filter { $0.revents != 0 }.map(\.fd))
  }

  /// Rounded up, so that a short wait does not become a busy loop; -1 waits forever.
  private static func milliseconds(_ duration: Duration?) -> Int32 {
    guard let duration else { return -1 }
    let (seconds, attoseconds) = duration.components
    if seconds < 0 { return 0 }
    if seconds > 1_000_000 { return 1_000_000_000 }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

/// A pipe by which one thread, or a signal's handler, wakes another that waits in ``Readiness``. The corresponding C function is `pipe`.
package final class WakePipe: Sendable {
  package let reading: Int32
  let writing: Int32

  package init() throws(SystemCallError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw .last("pipe", "") }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  /// Wakes the reader. A full pipe wakes it too.
  package func wake() {
    var byte: UInt8 = 0
    _ = unsafe write(writing, &byte, 1)
  }

  /// Empties the pipe and returns what was in it.
  @discardableResult
  package func drain() -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 256)
    while true {
      let count = unsafe read(reading, &chunk, chunk.count)
      if count > 0 {
        bytes += chunk.prefix(count)
      } else if count == 0 || errno != EINTR {
        return bytes
      }
    }
  }
}
