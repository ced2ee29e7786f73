internal import CYaml

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

/// Reads a configuration file whole.
enum ConfigurationFile {
  /// More than any configuration with its certificates needs.
  static let maximumBytes = 256 << 10

  /// The bytes of a file.
  ///
  /// The corresponding C functions are `open` and `read`.
  /// - Throws: ``ConfigurationError`` when it cannot be read or is too large.
  static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
    var code: CInt = 0
    var isReadable = true
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: maximumBytes + 1) { buffer, count in
      let result = unsafe cyaml_read_file(path, buffer.baseAddress, buffer.count, &code)
      isReadable = result >= 0
      count = max(result, 0)
    }
    guard isReadable else { throw ConfigurationError(file: path, problem: problem(code), hint: hint(code)) }
    guard bytes.count <= maximumBytes else {
      throw ConfigurationError(file: path, problem: "the file is larger than \(maximumBytes >> 10) KiB", hint: "is it the right file?")
    }
    return bytes
  }

  private static func problem(_ code: CInt) -> String {
    switch code {
    case ENOENT: "the file does not exist"
    case EACCES, EPERM: "the file may not be read"
    case EISDIR: "this is a directory"
    default: "the file cannot be read (errno \(code))"
    }
  }

  private static func hint(_ code: CInt) -> String {
    switch code {
    case EACCES, EPERM: "give the user that the exporter runs as the right to read it"
    default: "check the path of --web.config.file"
    }
  }
}
