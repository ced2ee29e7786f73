extension ByteWriter {
  /// Which bytes a place in the formats escapes.
  enum Escapes: Sendable {
    /// HELP of text 0.0.4: backslash and line feed.
    case backslashAndLineFeed
    /// Label values of both formats and HELP of OpenMetrics: the quotation mark too.
    case quotationMarkToo
  }

  /// Appends outside text so that it stays on its line and, in quotation marks, inside them.
  mutating func write(_ text: String, escaping escapes: Escapes) {
    let escapesQuotes = escapes == .quotationMarkToo
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"):
        write(byte)
        write(byte)
      case UInt8(ascii: "\n"):
        write(UInt8(ascii: "\\"))
        write(UInt8(ascii: "n"))
      case UInt8(ascii: "\"") where escapesQuotes:
        write(UInt8(ascii: "\\"))
        write(byte)
      default:
        write(byte)
      }
    }
  }
}
