/// What `--web.config.file` says: TLS, logins, headers and a rate limit, in the format of the Prometheus exporter-toolkit.
///
/// ```yaml
/// tls_server_config:
///   cert_file: server.crt
///   key_file: server.key
/// basic_auth_users:
///   prometheus: $2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi
/// ```
///
/// Prometheus: <https://prometheus.io/docs/prometheus/latest/configuration/https/>
package struct WebConfig: Sendable, Hashable {
  /// The file, as it was given.
  package let file: String
  /// `tls_server_config`; `nil` serves plain HTTP.
  package let tls: TLSSettings?
  /// `basic_auth_users`: name and bcrypt hash. Empty lets everyone in.
  package let users: [String: String]
  /// `http_server_config.headers`
  package let headers: [HeaderSetting]
  /// `rate_limit`
  package let rateLimit: RateLimitSettings?
  private let lines: [String: Int]

  init(
    file: String, tls: TLSSettings?, users: [String: String], headers: [HeaderSetting], rateLimit: RateLimitSettings?, lines: [String: Int]
  ) {
    self.file = file
    self.tls = tls
    self.users = users
    self.headers = headers
    self.rateLimit = rateLimit
    self.lines = lines
  }

  /// Reads and checks a file. Certificates and keys are not opened: the TLS library does that and reports with ``error(_:_:hint:)``.
  /// - Throws: ``ConfigurationError``
  package static func load(_ path: String) throws(ConfigurationError) -> WebConfig {
    try parse(try ConfigurationFile.read(path), file: path)
  }

  /// Reads and checks the text of a file. Opens nothing.
  /// - Throws: ``ConfigurationError``
  package static func parse(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> WebConfig {
    guard let document = try YAMLParser.document(bytes, file: file) else {
      return WebConfig(file: file, tls: nil, users: [:], headers: [], rateLimit: nil, lines: [:])
    }
    var reader = WebConfigReader(file: file)
    return try reader.configuration(document)
  }

  /// An error about a key of this file, found after it was read, with the line of the key.
  package func error(_ keyPath: String, _ problem: String, hint: String) -> ConfigurationError {
    ConfigurationError(file: file, line: lines[keyPath], keyPath: keyPath, problem: problem, hint: hint)
  }

  /// The bytes of a certificate or key.
  /// - Throws: ``ConfigurationError`` about the key, when the file cannot be read.
  package func read(_ source: PEMSource, of keyPath: String) throws(ConfigurationError) -> [UInt8] {
    switch source {
    case .inline(let text): return Array(text.utf8)
    case .file(let path):
      do throws(ConfigurationError) {
        return try ConfigurationFile.read(path)
      } catch {
        throw self.error(keyPath, "\(path): \(error.problem)", hint: "relative paths begin at the directory of this file")
      }
    }
  }

  /// The files that the configuration names: when one of them changes, it has to be read again.
  package var files: [String] {
    [tls?.certificate.path, tls?.key.path, tls?.clientCA?.path].compactMap { $0 }
  }
}
