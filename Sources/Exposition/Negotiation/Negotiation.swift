extension ExpositionFormat {
  /// The format a client prefers.
  ///
  /// `application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`
  /// gets OpenMetrics 1.0.
  ///
  /// - Each format has the weight of the most specific media range that fits it; weight 0 refuses it (RFC 9110, 12.5.1).
  /// - The heavier format wins; among equals the one named more closely, then the one named first, then text.
  /// - Nothing acceptable, or nothing asked for, gets text 0.0.4: a scrape is never refused over its `Accept`.
  package static func negotiated(accept: String?) -> ExpositionFormat {
    let ranges = WeightedElement.list(accept ?? "").compactMap(MediaRange.init)
    var best: (syntax: Syntax, range: MediaRange, position: Int)?
    for syntax in Syntax.allCases {
      guard let (position, range) = mostSpecific(ranges, for: syntax), range.weight > 0 else { continue }
      if let current = best {
        let gain = (range.weight, range.closeness, -position)
        guard gain > (current.range.weight, current.range.closeness, -current.position) else { continue }
      }
      best = (syntax, range, position)
    }
    return best.map { ExpositionFormat($0.syntax, escaping: $0.range.escaping) } ?? .text004
  }

  /// The range that decides about a syntax: the most specific one, of equals the heaviest, of those the first.
  private static func mostSpecific(_ ranges: [MediaRange], for syntax: Syntax) -> (position: Int, range: MediaRange)? {
    var found: (position: Int, range: MediaRange)?
    for (position, range) in ranges.enumerated() where range.matches(syntax) {
      if let current = found?.range, (range.specificity, range.weight) <= (current.specificity, current.weight) { continue }
      found = (position, range)
    }
    return found
  }
}

/// How the body of an answer is coded on its way: as it is, or compressed.
///
/// RFC 9110, 8.4.1; the raw value is what `Content-Encoding` says.
package enum ContentCoding: String, Sendable, Hashable, CaseIterable {
  case identity, gzip

  /// The coding to answer with.
  ///
  /// `gzip;q=0.8, identity;q=0.1` gets gzip; `gzip;q=0` and `*;q=0` forbid it; `*` allows it; no header gets identity. A client that
  /// likes identity better by name gets identity (RFC 9110, 12.5.3).
  package static func negotiated(acceptEncoding: String?) -> ContentCoding {
    let elements = WeightedElement.list(acceptEncoding ?? "")
    func weight(_ names: String...) -> Int? { elements.first { names.contains($0.value) }?.weight }
    let gzipWeight = weight("gzip", "x-gzip") ?? weight("*") ?? 0
    let identityWeight = weight("identity") ?? 0
    return gzipWeight > 0 && gzipWeight >= identityWeight ? .gzip : .identity
  }
}

/// One media range of an `Accept` header: `text/plain;version=0.0.4;q=0.3`.
///
/// RFC 9110, 12.5.1.
struct MediaRange: Sendable, Hashable {
  /// How much of the media type a range names.
  enum Closeness: Int, Sendable, Hashable, Comparable {
    case anything, anySubtype, exact

    static func < (left: Closeness, right: Closeness) -> Bool { left.rawValue < right.rawValue }
  }

  /// In lower case; `*` stands for any.
  let type: String
  let subtype: String
  /// Every parameter but `q` and `escaping`, names in lower case.
  let parameters: [WeightedElement.Parameter]
  /// The scheme asked for; nil for none and for one that is not known.
  let escaping: EscapingScheme?
  let weight: Int

  /// The range of a header element, or nil when it is not `type/subtype`, `type/*` or `*/*`.
  init?(_ element: WeightedElement) {
    let parts = element.value.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[0] != "*" || parts[1] == "*" else { return nil }
    type = String(parts[0])
    subtype = String(parts[1])
    escaping = element.parameters.last { $0.name == "escaping" }.flatMap { EscapingScheme(rawValue: $0.value.lowercased()) }
    parameters = element.parameters.filter { $0.name != "escaping" }
    weight = element.weight
  }

  var closeness: Closeness {
    if type == "*" { return .anything }
    return subtype == "*" ? .anySubtype : .exact
  }

  /// Orders ranges that fit one format: the more they say, the more they count.
  var specificity: Int { closeness.rawValue * 1_000 + min(parameters.count, 999) }

  /// The range takes answers of this syntax.
  func matches(_ syntax: ExpositionFormat.Syntax) -> Bool {
    guard type == "*" || type == syntax.type, subtype == "*" || subtype == syntax.subtype else { return false }
    return parameters.allSatisfy { parameter in
      switch parameter.name {
      case "version": parameter.value == syntax.version
      case "charset": parameter.value.lowercased() == syntax.charset
      default: false
      }
    }
  }
}
