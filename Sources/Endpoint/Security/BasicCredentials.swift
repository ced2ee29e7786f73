/// The name and password of an `Authorization: Basic YWxpY2U6c2VjcmV0` header. RFC 7617
package struct BasicCredentials: Sendable {
  package let user: [UInt8]
  package let password: [UInt8]

  /// Reads the header; `nil` for another scheme, broken base64, and credentials without a colon.
  package init?(_ header: String?) {
    guard let header, header.utf8.count > 6, header.prefix(6).lowercased() == "basic " else { return nil }
    let text = header.dropFirst(6).drop { $0 == " " }
    guard let bytes = Self.decodeBase64(text.utf8), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    user = Array(bytes[..<colon])
    password = Array(bytes[(colon + 1)...])
  }

  /// The standard alphabet with its padding. RFC 4648 section 4
  static func decodeBase64(_ text: Substring.UTF8View) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var result: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for letter in text {
      if letter == UInt8(ascii: "=") {
        padding += 1
        guard padding <= 2 else { return nil }
        continue
      }
      guard padding == 0, let value = value(letter) else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    // What is left over must be exactly what the padding stands for, and zero.
    guard count == padding * 2, bits & (1 << UInt32(count) - 1) == 0 else { return nil }
    return result
  }

  private static func value(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
