internal import NIOHTTP1

/// What a path leads to.
enum Route: Sendable, Hashable {
  case page
  case metrics
  case snapshot
  case healthy
  case ready

  static let snapshotPath = "/api/v1/snapshot"
  static let healthyPath = "/-/healthy"
  static let readyPath = "/-/ready"

  /// The paths that the telemetry path cannot be.
  static let reservedPaths: Set<String> = ["/", snapshotPath, healthyPath, readyPath]

  /// The methods that every route takes; anything else is answered with 405.
  static let allowedMethods: [HTTPMethod] = [.GET, .HEAD]

  /// The route of a path; `nil` is answered with 404. Only exactly `/` is the page.
  init?(path: String, telemetryPath: String) {
    switch path {
    case telemetryPath: self = .metrics
    case "/": self = .page
    case Self.snapshotPath: self = .snapshot
    case Self.healthyPath: self = .healthy
    case Self.readyPath: self = .ready
    default: return nil
    }
  }
}
