// Checked reads of the fields in the kernel's text files. Each moves `index` behind what it read.

@inline(__always)
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
  let digit = byte &- 0x30
  if digit < 10 { return digit }
  let letter = (byte | 0x20) &- 0x61
  return letter < 6 ? letter &+ 10 : nil
}

extension Span<UInt8> {
  @inline(__always)
  func skipSpaces(_ index: inout Int) {
    while index < count, self[index] == 0x20 { index &+= 1 }
  }

  /// Exactly `digits` hexadecimal digits, fewer than 8; `nil` when one is missing.
  @inline(__always)
  func hexadecimal(_ index: inout Int, digits: Int) -> UInt32? {
    guard index &+ digits <= count else { return nil }
    var value: UInt32 = 0
    for offset in 0..<digits {
      guard let digit = hexadecimalDigit(self[index &+ offset]) else { return nil }
      value = value &<< 4 | UInt32(truncatingIfNeeded: digit)
    }
    index &+= digits
    return value
  }

  /// One or more decimal digits; `nil`, with `index` unchanged, if there is none or the number passes 64 bits.
  @inline(__always)
  func decimal(_ index: inout Int) -> UInt64? {
    let start = index
    var value: UInt64 = 0
    while index < count {
      let digit = self[index] &- 0x30
      guard digit < 10 else { break }
      let (shifted, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = shifted.addingReportingOverflow(UInt64(digit))
      guard !overflowed, !carried else {
        index = start
        return nil
      }
      value = sum
      index &+= 1
    }
    return index > start ? value : nil
  }

  /// A decimal port number, 0 to 65535.
  func port(_ index: inout Int) -> UInt16? {
    guard let value = decimal(&index), value <= 65535 else { return nil }
    return UInt16(value)
  }

  /// Whether the bytes from `index` on begin with `text`.
  func hasPrefix(_ text: StaticString, at index: Int) -> Bool {
    guard index + text.utf8CodeUnitCount <= count else { return false }
    var position = index
    for byte in text.description.utf8 {
      guard self[position] == byte else { return false }
      position += 1
    }
    return true
  }

  /// The bytes of `range` as text; bytes that are not UTF-8 are repaired.
  func text(_ range: Range<Int>) -> String {
    String(decoding: range.map { self[$0] }, as: UTF8.self)
  }

  /// Spaces and tabs.
  func skipBlanks(_ index: inout Int) {
    while index < count, self[index] == 0x20 || self[index] == 0x09 { index += 1 }
  }

  /// The places of the words between `start` and `end`, which blanks separate.
  func words(_ start: Int, _ end: Int) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var index = start
    while true {
      while index < end, self[index] <= 0x20 { index += 1 }
      guard index < end else { return words }
      let first = index
      while index < end, self[index] > 0x20 { index += 1 }
      words.append(first..<index)
    }
  }
}
