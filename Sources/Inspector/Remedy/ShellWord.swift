internal import Terminal

/// A word for the shell that a command is pasted into: whatever it is made of, it stays one word and runs nothing.
enum ShellWord {
  /// `blue`, `'two words'`, `$'\x1b[2J'`: what is not printable is written by its bytes, in the quotes of POSIX 2024, which bash, ksh and zsh
  /// have long had.
  static func quoted(_ word: String) -> String {
    if !word.isEmpty, word.utf8.allSatisfy(isPlain) { return word }
    if PrintableText(word).text.utf8.elementsEqual(word.utf8) { return "'\(word.replacing("'", with: "'\\''"))'" }
    return "$'\(word.utf8.map(escaped).joined())'"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    48...57 ~= byte || 65...90 ~= byte || 97...122 ~= byte || "-./_=,:@+".utf8.contains(byte)
  }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(Unicode.Scalar(byte))
    case 0x20...0x7E: String(Unicode.Scalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
}
