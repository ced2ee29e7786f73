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

/// Reads the elements of a list header byte by byte: commas and semicolons inside quoted strings separate nothing.
///
/// RFC 9110, 5.6: `#element`, `token`, `quoted-string`, `parameters`.
struct HeaderScanner: Sendable {
  private let bytes: [UInt8]
  private var position = 0

  init(_ header: String) { bytes = Array(header.utf8) }

  var isAtEnd: Bool { position >= bytes.count }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// The element at the position, or nil when it is malformed; the position is then somewhere inside it.
  mutating func element() -> WeightedElement? {
    skipSpace()
    let value = word(allowing: UInt8(ascii: "/"))
    guard !value.isEmpty else { return nil }
    var parameters: [WeightedElement.Parameter] = []
    var weight = WeightedElement.fullWeight
    while true {
      skipSpace()
      guard let byte = current, byte != UInt8(ascii: ",") else { break }
      guard byte == UInt8(ascii: ";") else { return nil }
      position += 1
      skipSpace()
      if current == nil || current == UInt8(ascii: ";") || current == UInt8(ascii: ",") { continue }
      guard let parameter = parameter() else { return nil }
      if parameter.name == "q" {
        guard let stated = WeightedElement.weight(parameter.value) else { return nil }
        weight = stated
      } else {
        parameters.append(parameter)
      }
    }
    return WeightedElement(value: value.lowercased(), parameters: parameters, weight: weight)
  }

  /// Goes behind the comma that ends the element, whatever is left of it.
  mutating func skipPastComma() {
    while let byte = current {
      if byte == UInt8(ascii: "\"") {
        _ = quotedString()
        continue
      }
      position += 1
      if byte == UInt8(ascii: ",") { return }
    }
  }

  private mutating func parameter() -> WeightedElement.Parameter? {
    let name = word()
    skipSpace()
    guard !name.isEmpty, current == UInt8(ascii: "=") else { return nil }
    position += 1
    skipSpace()
    let value = current == UInt8(ascii: "\"") ? quotedString() : word()
    guard let value, !value.isEmpty else { return nil }
    return WeightedElement.Parameter(name: name.lowercased(), value: value)
  }

  /// The text of a quoted string, or nil when its closing quote is missing.
  private mutating func quotedString() -> String? {
    var text: [UInt8] = []
    position += 1
    while let byte = current {
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\"), let escaped = current {
        position += 1
        text.append(escaped)
      } else {
        text.append(byte)
      }
    }
    return nil
  }

  private mutating func word(allowing extra: UInt8? = nil) -> String {
    let start = position
    while let byte = current, Self.isTokenByte(byte) || byte == extra { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func skipSpace() {
    while let byte = current, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
  }

  /// `tchar` of RFC 9110, 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
