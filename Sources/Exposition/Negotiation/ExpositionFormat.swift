/// The format of an answer: a syntax and, if the client asked for one, an escaping scheme for names.
///
/// Prometheus: <https://prometheus.io/docs/instrumenting/exposition_formats/>, <https://prometheus.io/docs/instrumenting/content_negotiation/>.
package struct ExpositionFormat: Sendable, Hashable {
  /// The grammar of the body.
  package enum Syntax: Sendable, Hashable, CaseIterable {
    case text004, openMetrics100
  }

  package let syntax: Syntax
  /// The scheme the client asked for, echoed in `Content-Type`; nil if it asked for none.
  package let escaping: EscapingScheme?

  package init(_ syntax: Syntax, escaping: EscapingScheme? = nil) {
    self.syntax = syntax
    self.escaping = escaping
  }

  /// The Prometheus text format, version 0.0.4.
  package static let text004 = ExpositionFormat(.text004)
  /// OpenMetrics 1.0.
  package static let openMetrics100 = ExpositionFormat(.openMetrics100)

  /// The value of `Content-Type`: `text/plain; version=0.0.4; charset=utf-8`.
  package var contentType: String {
    let type = "\(syntax.mediaType); version=\(syntax.version); charset=\(syntax.charset)"
    return if let escaping { "\(type); escaping=\(escaping.rawValue)" } else { type }
  }
}

extension ExpositionFormat.Syntax {
  /// `text/plain`
  var mediaType: String { "\(type)/\(subtype)" }

  var type: String {
    switch self {
    case .text004: "text"
    case .openMetrics100: "application"
    }
  }

  var subtype: String {
    switch self {
    case .text004: "plain"
    case .openMetrics100: "openmetrics-text"
    }
  }

  var version: String {
    switch self {
    case .text004: "0.0.4"
    case .openMetrics100: "1.0.0"
    }
  }

  var charset: String { "utf-8" }
}

/// How a client wants names that are not `[a-zA-Z_:][a-zA-Z0-9_:]*`, the `escaping` parameter of `Accept`.
///
/// `Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8`
///
/// Prometheus: <https://prometheus.io/docs/instrumenting/escaping_schemes/>. Every name here is of the old alphabet already, so only `dots`
/// changes one.
package enum EscapingScheme: String, Sendable, Hashable, CaseIterable {
  /// Names as they are.
  case allowUTF8 = "allow-utf-8"
  /// Bytes outside the alphabet become `_`.
  case underscores
  /// A dot becomes `_dot_`, and so that it can be undone, `_` becomes `__`.
  case dots
  /// A name outside the alphabet becomes `U__` and its code points in hexadecimal.
  case values

  /// A name of the old alphabet in this scheme: `up_time` is `up__time` in `dots` and itself in the others.
  func escaped(_ name: String) -> [UInt8] {
    guard self == .dots else { return Array(name.utf8) }
    return name.utf8.flatMap { $0 == UInt8(ascii: "_") ? [$0, $0] : [$0] }
  }
}
