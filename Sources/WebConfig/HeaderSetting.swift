/// One of `http_server_config.headers`: a header that every answer carries.
package struct HeaderSetting: Sendable, Hashable {
  /// `Strict-Transport-Security`
  package let name: String
  /// `max-age=31536000`
  package let value: String

  /// The names that can be set, each with the values it takes; none listed takes any.
  static let allowed: [(name: String, values: [String])] = [
    ("Strict-Transport-Security", []),
    ("X-Content-Type-Options", ["nosniff"]),
    ("X-Frame-Options", ["deny", "sameorigin"]),
    ("X-XSS-Protection", []),
    ("Content-Security-Policy", []),
  ]
}
