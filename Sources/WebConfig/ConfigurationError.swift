/// What is wrong with a configuration file, where, and what to do.
///
/// `web.yml:3: tls_server_config.cert_fil: unknown key; did you mean "cert_file"?`
package struct ConfigurationError: Error, Sendable, Hashable {
  /// The path of the file, as it was given.
  package let file: String
  /// The line, from 1; `nil` when it is about the whole file.
  package let line: Int?
  /// The key, from the top: `tls_server_config.cert_file`; empty when it is about the whole file.
  package let keyPath: String
  /// What was found.
  package let problem: String
  /// The remedy.
  package let hint: String

  /// An error by its parts.
  package init(file: String, line: Int? = nil, keyPath: String = "", problem: String, hint: String) {
    self.file = file
    self.line = line
    self.keyPath = keyPath
    self.problem = problem
    self.hint = hint
  }
}

extension ConfigurationError: CustomStringConvertible {
  /// One sentence for the user.
  package var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return "\(place): \(keyPath.isEmpty ? "" : keyPath + ": ")\(problem); \(hint)"
  }
}
