/// Text or bytes from the kernel that are not of the documented form, with the place.
///
/// `/proc/net/tcp:3:16: local port: expected 4 hexadecimal digits, found "1F9G"`
package struct FormatError: Error, Sendable, Hashable {
  /// The file or interface that was read, such as `/proc/net/tcp`.
  package var source: String
  /// The line, from 1; 0 where the source has no lines.
  package var line: Int
  /// The byte in the line (or message), from 1.
  package let column: Int
  /// The field in the words of the kernel's documentation, such as `local port`.
  package let field: String
  package let expected: String
  /// What was there instead, printable and at most 40 characters long.
  package let found: String

  package init(source: String = "", line: Int = 1, column: Int, field: String, expected: String, found: String) {
    self.source = source
    self.line = line
    self.column = column
    self.field = field
    self.expected = expected
    self.found = found
  }

  /// The same error, with the place that only the reader of the file knows.
  package func at(source: String, line: Int? = nil) -> FormatError {
    var error = self
    error.source = source
    if let line { error.line = line }
    return error
  }
}

extension FormatError: CustomStringConvertible {
  package var description: String {
    "\(source):\(line > 0 ? "\(line):" : "")\(column): \(field): expected \(expected), found \(found)"
  }
}

extension FormatError {
  /// An error about the bytes from `index` on, in the line that starts at `lineStart`.
  init(_ bytes: borrowing Span<UInt8>, at index: Int, lineStart: Int = 0, line: Int = 1, field: String, expected: String) {
    self.init(
      line: line, column: index - lineStart + 1, field: field, expected: expected,
      found: Self.excerpt(bytes, from: index))
  }

  /// The word at `index`, quoted: `"1F9G"`, `end of line`, `end of file`; bytes outside printable ASCII as `\x..`.
  static func excerpt(_ bytes: borrowing Span<UInt8>, from index: Int) -> String {
    guard index < bytes.count else { return "end of file" }
    if bytes[index] == UInt8(ascii: "\n") { return "end of line" }
    var text = ""
    var position = index
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\n") || (byte == UInt8(ascii: " ") && position > index) { break }
      let isPlain = (32..<127).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
      let word = isPlain ? String(Unicode.Scalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      guard text.utf8.count + word.utf8.count <= 40 else { break }
      text += word
      position += 1
    }
    return "\"\(text)\""
  }
}
