/// One HTTP request of a push.
struct PushRequest: Sendable, Hashable {
  /// `PUT`, `POST` or `DELETE`.
  let method: String
  /// The whole address; a query in it may hold a secret.
  let url: String
  /// The address as errors show it.
  let shownURL: String
  /// Header lines: `Content-Type: text/plain; version=0.0.4; charset=utf-8`.
  let headers: [String]
  /// Nil for a request without a body.
  let body: [UInt8]?
}
