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
