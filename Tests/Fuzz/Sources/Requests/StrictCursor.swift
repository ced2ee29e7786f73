/// A place in the bytes of a connection.
struct StrictCursor {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// The line that begins here, without its CR LF; `nil` when it does not end, or holds a CR or LF of its own. RFC 9112 section 2.2
  mutating func line() -> ArraySlice<UInt8>? {
    guard let end = rest.firstIndex(of: 0x0A), end > rest.startIndex, rest[end - 1] == 0x0D else { return nil }
    let line = rest[..<(end - 1)]
    rest = rest[(end + 1)...]
    return line.contains(0x0D) ? nil : line
  }

  /// Advances by this many bytes; `false` if there are fewer.
  mutating func skip(_ count: Int) -> Bool {
    guard count <= rest.count else { return false }
    rest = rest.dropFirst(count)
    return true
  }

  /// The next bytes, this many.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    let bytes = rest.prefix(count)
    return skip(count) ? bytes : nil
  }

  /// Goes on to a byte that ends no line: empty lines before a request are overlooked. RFC 9112 section 2.2
  mutating func skipEmptyLines() { rest = rest.drop { $0 == 0x0D || $0 == 0x0A } }
}
