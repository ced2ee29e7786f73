internal import ArgumentParser

extension Duration {
  /// Reads a duration as Prometheus writes it: `15s`, `500ms`, `1m30s`, `2h`, `1d`.
  ///
  /// - Throws: `ValidationError` with what is wrong; the parser names the flag and the value.
  init(argument: String) throws {
    func malformed() -> ValidationError { ValidationError("expected a duration such as 500ms, 15s or 1m30s") }
    var rest = argument[...]
    var total = Duration.zero
    guard !rest.isEmpty else { throw malformed() }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let count = Int(digits), count <= 1_000_000_000, let length = Self.units[String(unit)] else { throw malformed() }
      total += length * count
    }
    self = total
  }

  private static let units: [String: Duration] = [
    "ms": .milliseconds(1), "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600), "d": .seconds(86400),
  ]
}
