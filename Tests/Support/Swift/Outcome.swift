/// How a program ended, and what it said and took.
package struct Outcome: Sendable, Hashable, CustomStringConvertible {
  /// The exit code; 128 + the signal when a signal ended it.
  package let status: Int32
  package let standardOutput: String
  package let standardError: String
  /// User and system time, in seconds.
  package let cpuSeconds: Double
  /// Peak resident memory, in bytes.
  package let peakBytes: Int

  package var description: String { "exit \(status)\nstdout: \(standardOutput)\nstderr: \(standardError)" }
}

/// A program that did not do what a test waits for.
package enum ChildProgramError: Error, Sendable, CustomStringConvertible {
  case ended(String, Outcome)
  case silent(String, String, String)
  case tooLong(String, Double, String)

  package var description: String {
    switch self {
    case .ended(let name, let outcome): "\(name) ended early: \(outcome)"
    case .silent(let name, let text, let said): "\(name) did not say \"\(text)\", but: \(said)"
    case .tooLong(let name, let seconds, let said): "\(name) was killed after \(seconds) s; it had said: \(said)"
    }
  }
}
