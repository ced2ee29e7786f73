// Socket tables have a hundred bytes for each socket, of which a million may come: their lines are read eight bytes at a time. Each of these
// answers as the same question asked byte by byte does.

extension Span<UInt8> {
  /// The end of the line that `index` is in: the place of its LF, or the end of the bytes.
  @inline(__always)
  func endOfLine(from index: Int) -> Int {
    var end = index
    while end &+ 8 <= count {
      let feed = EightBytes.lowestBelow(littleEndian64(end) ^ (EightBytes.ones &* 0x0A), 1)
      if feed != 0 { return end &+ feed.trailingZeroBitCount / 8 }
      end &+= 8
    }
    while end < count, self[end] != 0x0A { end &+= 1 }
    return end
  }

  /// Moves `index` to the next byte that is a space or a control character, or to the end.
  @inline(__always)
  func skipVisible(_ index: inout Int) {
    while index &+ 8 <= count {
      let invisible = EightBytes.lowestBelow(littleEndian64(index), 0x21)
      if invisible != 0 {
        index &+= invisible.trailingZeroBitCount / 8
        return
      }
      index &+= 8
    }
    while index < count, self[index] > 0x20 { index &+= 1 }
  }

  /// Eight hexadecimal digits; `nil`, and `index` stays, when one is missing.
  @inline(__always)
  func hexadecimal8(_ index: inout Int) -> UInt32? {
    guard index &+ 8 <= count, let value = EightBytes.hexadecimal(littleEndian64(index)) else { return nil }
    index &+= 8
    return value
  }

  /// Eight bytes, the first one lowest.
  @inline(__always)
  private func littleEndian64(_ offset: Int) -> UInt64 { UInt64(littleEndian: load64(offset)) }
}

/// Arithmetic on eight bytes in one word, the first byte lowest.
private enum EightBytes {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// Its lowest set bit is in the lowest byte that is less than `limit`, at most 0x80; 0 when no byte is. Bits above may be set wrongly by
  /// the borrow.
  @inline(__always)
  static func lowestBelow(_ bytes: UInt64, _ limit: UInt8) -> UInt64 {
    (bytes &- ones &* UInt64(limit)) & ~bytes & highBits
  }

  /// The number that eight digits write, upper or lower case; `nil` if one of them is not a digit.
  @inline(__always)
  static func hexadecimal(_ text: UInt64) -> UInt32? {
    // To a byte below 0x80, add what lifts the first accepted character to 0x80, and what lifts the first one behind them: the high bits tell.
    let isDigit = (text &+ ones &* (0x80 - 0x30)) & ~(text &+ ones &* (0x80 - 0x3A))
    let lower = text | ones &* 0x20
    let isLetter = (lower &+ ones &* (0x80 - 0x61)) & ~(lower &+ ones &* (0x80 - 0x67))
    guard (isDigit | isLetter) & ~text & highBits == highBits else { return nil }
    let digits = (text & (ones &* 0x0F)) &+ (text &>> 6 & ones) &* 9
    let pairs = (digits &<< 4 | digits &>> 8) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &<< 8 | pairs &>> 16) & 0x0000_FFFF_0000_FFFF
    return UInt32(truncatingIfNeeded: fours &<< 16 | fours &>> 32)
  }
}
