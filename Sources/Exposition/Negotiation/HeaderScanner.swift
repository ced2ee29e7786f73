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
