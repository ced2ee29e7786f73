/// One element of a header that lists preferences, such as `text/plain;version=0.0.4;q=0.3` or `gzip;q=0.5`.
///
/// RFC 9110, 5.6 and 12.4.2.
struct WeightedElement: Sendable, Hashable {
  /// A parameter of an element, such as `version=0.0.4`.
  struct Parameter: Sendable, Hashable {
    /// In lower case.
    let name: String
    /// Without the quotes and backslashes of a quoted string.
    let value: String
  }

  /// The weight of an element that states none.
  static let fullWeight = 1_000_000

  /// What the element is about, in lower case: `text/plain`, `gzip`, `*`.
  let value: String
  /// Every parameter but the weight, in order.
  let parameters: [Parameter]
  /// The parameter `q` in millionths; 0 refuses.
  let weight: Int

  /// The elements of a header, in order. An element that is malformed or has a malformed weight is left out.
  static func list(_ header: String) -> [WeightedElement] {
    var elements: [WeightedElement] = []
    var scanner = HeaderScanner(header)
    while !scanner.isAtEnd {
      if let element = scanner.element() { elements.append(element) }
      scanner.skipPastComma()
    }
    return elements
  }

  /// A weight as `0.3` says it, in millionths, or nil when it is not a number from 0 to 1.
  ///
  /// RFC 9110 allows three decimals; more are taken, and a positive weight never rounds to a refusal.
  static func weight(_ text: String) -> Int? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let whole = parts[0]
    let decimals = parts.count > 1 ? parts[1] : ""
    guard whole == "0" || whole == "1" || (whole.isEmpty && !decimals.isEmpty) else { return nil }
    guard decimals.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    let sixDigits = String(decimals.prefix(6)) + String(repeating: "0", count: max(0, 6 - decimals.utf8.count))
    guard var millionths = Int(sixDigits) else { return nil }
    if millionths == 0, decimals.utf8.contains(where: { $0 != UInt8(ascii: "0") }) { millionths = 1 }
    if whole == "1" { return millionths == 0 ? fullWeight : nil }
    return millionths
  }
}
