/// The format of an answer: a syntax and, when the scraper asked for one, an escaping scheme of names.
///
/// Prometheus: <https://prometheus.io/docs/instrumenting/exposition_formats/>, <https://prometheus.io/docs/instrumenting/content_negotiation/>.
package struct ExpositionFormat: Sendable, Hashable {
  /// The grammar of the body.
  package enum Syntax: Sendable, Hashable, CaseIterable {
    case text004, openMetrics100
  }

  package let syntax: Syntax
  /// The scheme the scraper asked for, echoed in `Content-Type`; nil when it asked for none.
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
