internal import NIOHTTP1

/// The target of a request line, in parts.
///
/// `/metrics?collect[]=tcp` → path `/metrics`, query `[("collect[]", "tcp")]`. RFC 9112 section 3.2
struct RequestTarget: Sendable {
  /// The path, percent-decoded.
  let path: String
  /// The parameters in order, percent-decoded, `+` as a space.
  let query: [(name: String, value: String)]

  /// Reads origin-form (`/path?query`) and absolute-form (`http://host/path?query`). `nil` when the escapes are broken or hide a NUL.
  init?(_ text: String) {
    var rest = Substring(text)
    for scheme in ["http://", "https://"] where rest.lowercased().hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      rest = rest.firstIndex(where: { $0 == "/" || $0 == "?" }).map { rest[$0...] } ?? ""
      if !rest.hasPrefix("/") { rest = "/" + rest }
    }
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let path = Self.decode(first, plusIsSpace: false) else { return nil }
    var query: [(name: String, value: String)] = []
    for parameter in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decode(pair[0], plusIsSpace: true),
        let value = Self.decode(pair.count > 1 ? pair[1] : "", plusIsSpace: true)
      else { return nil }
      query.append((name, value))
    }
    self.path = path
    self.query = query
  }

  private static func decode(_ text: Substring, plusIsSpace: Bool) -> String? {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") || $0 == 0 }) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.next().flatMap(Self.nibble), let low = rest.next().flatMap(Self.nibble) else { return nil }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
  }

  private static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

/// What a path leads to.
enum Route: Sendable, Hashable {
  case page
  case metrics
  case snapshot
  /// Whether the process serves requests: liveness. What fails here is mended by a restart, which a collector that hangs is not.
  case healthy
  /// Whether a scrape would be answered in full: readiness. Fails before and after the run, while the web configuration is broken, and while
  /// a collector hangs.
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
