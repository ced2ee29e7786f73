/// A flag that does not say what it should: `--push.grouping: "web-1" is not LABEL=VALUE; write for example instance=web-1`.
package struct PushConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The flag as the user writes it.
  package let flag: String
  /// What was found, and what to write instead. Never a secret.
  package let problem: String

  package init(flag: String, problem: String) {
    self.flag = flag
    self.problem = problem
  }

  package var description: String { "\(flag): \(problem)" }
}
