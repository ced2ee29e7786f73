extension ExpositionFormat {
  /// The format a scraper likes best.
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
