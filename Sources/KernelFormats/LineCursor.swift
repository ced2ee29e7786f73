/// Where a line of a text is.
struct TextLine: Sendable, Hashable {
  /// The place of its first byte.
  let start: Int
  /// The place of its LF, or the end of the text.
  let end: Int
  /// From 1.
  let number: Int
}

/// Walks over the lines of a text.
///
/// It does not keep the text, which it is given at each step, and so is a plain value:
///
/// ```
/// var lines = LineCursor()
/// while let line = lines.next(in: bytes) { … }
/// ```
struct LineCursor: Sendable, Hashable {
  /// The place behind the last line that was returned.
  private var place = 0
  /// How many lines were returned.
  private(set) var count = 0

  /// The next line; `nil` at the end of the text.
  @inline(__always)
  mutating func next(in bytes: borrowing Span<UInt8>) -> TextLine? {
    guard place < bytes.count else { return nil }
    let line = TextLine(start: place, end: bytes.endOfLine(from: place), number: count + 1)
    (place, count) = (line.end + 1, line.number)
    return line
  }
}

extension FormatError {
  /// An error about the bytes from `index` on, in a line.
  init(_ bytes: borrowing Span<UInt8>, at index: Int, in line: TextLine, field: String, expected: String) {
    self.init(bytes, at: index, lineStart: line.start, line: line.number, field: field, expected: expected)
  }

  /// An error about something that none of a text's lines has.
  ///
  /// - Parameter lines: at the end of the text.
  init(missingFrom bytes: borrowing Span<UInt8>, lines: LineCursor, field: String, expected: String) {
    self.init(bytes, at: bytes.count, lineStart: bytes.count, line: lines.count + 1, field: field, expected: expected)
  }
}
