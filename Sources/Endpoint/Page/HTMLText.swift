/// Text for an HTML document, as UTF-8. Values are escaped when they are added, so that a name from outside is never markup.
struct HTMLText {
  private(set) var bytes: [UInt8] = []

  /// Adds markup of our own.
  mutating func markup(_ text: StaticString) {
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Adds a constant of this module that is a style sheet or a script.
  mutating func trusted(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  /// Adds a value, for text and for quoted attributes alike.
  mutating func text(_ value: String) {
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "&"): markup("&amp;")
      case UInt8(ascii: "<"): markup("&lt;")
      case UInt8(ascii: ">"): markup("&gt;")
      case UInt8(ascii: "\""): markup("&quot;")
      case UInt8(ascii: "'"): markup("&#39;")
      case 0x00..<0x20 where byte != 0x09 && byte != 0x0a: markup("\u{fffd}")
      default: bytes.append(byte)
      }
    }
  }

  /// Adds a number as it is.
  mutating func number(_ value: Int) {
    bytes.append(contentsOf: String(value).utf8)
  }

  /// Adds a number for people: `28,232`.
  mutating func grouped(_ value: Int) {
    text(Self.grouped(value))
  }

  /// A number for people: `28,232`.
  static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = value < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }
}
