/// Where the page points to on the same server.
struct PageLinks: Sendable, Hashable {
  /// The telemetry path.
  let metrics: String
  /// The JSON document.
  let snapshot: String
}
