internal import CTestSupport
internal import Foundation
internal import Synchronization

/// A program that a test started; it ends with the test at the latest.
///
/// It starts in the network namespace of the thread that starts it. Its output goes to memory, so it never waits for a reader.
package final class ChildProgram: Sendable {
  package let pid: Int32
  private let name: String
  private let output: Int32
  private let errors: Int32
  private let ended = Mutex<Outcome?>(nil)

  /// Starts the program at `path`, with no standard input.
  ///
  /// - Parameters:
  ///   - environment: added to this process's own; an empty value removes a variable.
  ///   - sockets: what it holds as long as it runs, whatever becomes of them here.
  package init(
    _ path: String, _ arguments: [String] = [], environment: KeyValuePairs<String, String> = [:], holding sockets: [TestSocket] = []
  ) throws(SystemCallFailure) {
    name = path
    output = unsafe test_memory_file("stdout")
    errors = unsafe test_memory_file("stderr")
    guard output >= 0, errors >= 0 else { throw SystemCallFailure("memfd_create") }
    var variables = ProcessInfo.processInfo.environment
    for (key, value) in environment { variables[key] = value.isEmpty ? nil : value }
    pid = try Self.spawn(path, [path] + arguments, variables.map { "\($0)=\($1)" }, output, errors, sockets.map(\.descriptor))
  }

  deinit {
    if ended.withLock({ $0 == nil }) {
      kill(pid, SIGKILL)
      _ = waitpid(pid, nil, 0)
    }
    close(output)
    close(errors)
  }

  /// The built `portpool`: `PORTPOOL_BINARY` where that is set, else the one next to the test bundle.
  package static var portpool: String {
    if let path = ProcessInfo.processInfo.environment["PORTPOOL_BINARY"] { return path }
    let bundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appending(path: "portpool").path(percentEncoded: false)
  }

  /// Runs a program to its end.
  ///
  /// - Throws: `ChildProgramError.tooLong` after `seconds`, when it has been killed.
  package static func run(
    _ path: String, _ arguments: [String] = [], environment: KeyValuePairs<String, String> = [:], seconds: Double = 60
  ) throws -> Outcome {
    try ChildProgram(path, arguments, environment: environment).wait(seconds: seconds)
  }

  /// What it has written to standard output so far.
  package var standardOutput: String { Self.contents(output) }
  /// What it has written to standard error so far.
  package var standardError: String { Self.contents(errors) }

  /// Waits until standard output or standard error contains `text`.
  ///
  /// - Throws: `ChildProgramError` when the program ends first or `seconds` pass.
  package func waitUntilItSays(_ text: String, seconds: Double = 20) throws {
    let deadline = Date.now + seconds
    while !standardError.contains(text) && !standardOutput.contains(text) {
      if let outcome = endedOutcome() { throw ChildProgramError.ended(name, outcome) }
      if Date.now > deadline { throw ChildProgramError.silent(name, text, standardOutput + standardError) }
      usleep(5000)
    }
  }

  /// Waits until it ends by itself; kills it after `seconds` and throws.
  package func wait(seconds: Double = 60) throws -> Outcome {
    let deadline = Date.now + seconds
    while true {
      if let outcome = endedOutcome() { return outcome }
      if Date.now > deadline {
        kill(pid, SIGKILL)
        while endedOutcome() == nil { usleep(1000) }
        throw ChildProgramError.tooLong(name, seconds, standardOutput + standardError)
      }
      usleep(2000)
    }
  }

  /// Sends `signal` and waits for the end.
  package func stop(signal: Int32 = SIGTERM, seconds: Double = 20) throws -> Outcome {
    self.signal(signal)
    return try wait(seconds: seconds)
  }

  /// Sends a signal, unless it has ended.
  package func signal(_ signal: Int32) {
    ended.withLock { if $0 == nil { kill(pid, signal) } }
  }

  /// Reaps the program if it has ended.
  private func endedOutcome() -> Outcome? {
    ended.withLock { ended in
      if let ended { return ended }
      var status: Int32 = 0
      var usage = rusage()
      guard unsafe wait4(pid, &status, WNOHANG, &usage) == pid else { return nil }
      let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      let outcome = Outcome(
        status: test_exit_code(status), standardOutput: standardOutput, standardError: standardError,
        cpuSeconds: seconds + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1_000_000,
        peakBytes: usage.ru_maxrss * 1024)
      ended = outcome
      return outcome
    }
  }

  private static func contents(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk.prefix(count)
    }
  }
}
