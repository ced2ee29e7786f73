internal import Glibc
internal import Synchronization

/// Where results go.
package enum StandardOutput {
  /// Writes all of `bytes`. The corresponding C function is `write`.
  package static func write(_ bytes: [UInt8]) throws(SystemCallError) {
    try writeAll(bytes, to: STDOUT_FILENO, subject: "standard output")
  }

  /// A person is looking, so that colour and a known width make sense. The corresponding C function is `isatty`.
  package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}

/// Where messages go.
package enum StandardError {
  /// Writes `text`; a message that cannot be written has nowhere else to go.
  package static func write(_ text: String) {
    try? writeAll([UInt8](text.utf8), to: STDERR_FILENO, subject: "standard error")
  }

  /// Standard error for a log, which must never wait for its reader.
  package static let log = LineOutput(STDERR_FILENO)
}

/// Writes lines to a descriptor and never waits: lines that its reader does not take are dropped and counted.
///
/// A program that logs on the threads that answer would otherwise stop answering when the pipe behind its standard error is full.
package final class LineOutput: Sendable {
  private struct State {
    /// The rest of a line that was written in part; it goes before the next one.
    var rest: [UInt8] = []
    var dropped = 0
  }

  private let descriptor: Int32
  /// A pipe once more, so that it can be set not to wait: the descriptor itself may be shared with programs that rely on waiting.
  private let unblocked: Int32?
  private let state = Mutex(State())

  /// - Parameter descriptor: stays the caller's.
  package init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var status = stat()
    let isPipe = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    unblocked = isPipe ? try? FileDescriptor(opening: "/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK).take() : nil
  }

  deinit {
    if let unblocked { _ = close(unblocked) }
  }

  /// Writes a line, if there is room for it now.
  ///
  /// - Parameters:
  ///   - line: with its LF.
  ///   - remark: the line that says how many were dropped; it is written first once there is room again.
  package func write(_ line: String, remark: (_ dropped: Int) -> String) {
    state.withLock { state in
      if flush(&state), state.dropped > 0, start(remark(state.dropped), &state) { state.dropped = 0 }
      if state.dropped > 0 || !flush(&state) || !start(line, &state) { state.dropped += 1 }
    }
  }

  /// Writes the beginning of a line, and keeps the rest; `false` if there is no room for any of it.
  private func start(_ line: String, _ state: inout State) -> Bool {
    state.rest = [UInt8](line.utf8)
    let count = state.rest.count
    if flush(&state) || state.rest.count < count { return true }
    state.rest = []
    return false
  }

  /// Writes what is left of a line; `true` when all of it is written.
  private func flush(_ state: inout State) -> Bool {
    while !state.rest.isEmpty {
      // A pipe has room for this many bytes, or says that it has none.
      let count = writeAtOnce([UInt8](state.rest.prefix(Int(PIPE_BUF))))
      guard count > 0 else { return false }
      state.rest.removeFirst(count)
    }
    return true
  }

  /// How many bytes were written; not positive if writing would wait or fails. The corresponding C functions are `poll`, `send` and `write`.
  private func writeAtOnce(_ bytes: [UInt8]) -> Int {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&waiting, 1, 0) > 0 else { return 0 }
    return unsafe bytes.withUnsafeBytes { buffer in
      let sent = unsafe send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
      if sent >= 0 || errno != ENOTSOCK { return sent }
      return unsafe Glibc.write(unblocked ?? descriptor, buffer.baseAddress, buffer.count)
    }
  }
}

func writeAll(_ bytes: [UInt8], to descriptor: Int32, subject: String) throws(SystemCallError) {
  var written = 0
  while written < bytes.count {
    let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress.map { unsafe $0 + written }, $0.count - written) }
    if count >= 0 {
      written += count
    } else if errno != EINTR {
      throw .last("write", subject)
    }
  }
}
