/// The label values of one series, in the order of the descriptor's labels: what tells the series of a family apart.
///
/// `["host", "tcp"]`
///
/// Equal and ordered by the bytes that are written, `host"tcp"`: samples come in the byte order of their lines. `String` itself takes `é` in
/// one scalar for the same as `é` in two, which would drop one of two series that Prometheus keeps.
package struct LabelValues: Sendable {
  package let values: [String]
  /// A value has a byte that the formats escape.
  let needsEscaping: Bool
  /// The written bytes, eight in a word and the first one highest, so that comparing words compares bytes.
  ///
  /// Each value ends in the quotation mark that closes it, and no other one is without a backslash: different values have different keys.
  private let key: [UInt64]

  package init(_ values: [String]) {
    self.values = values
    var key: [UInt64] = []
    key.reserveCapacity(values.reduce(values.count + 7) { $0 + $1.utf8.count } / 8)
    var word: UInt64 = 0
    var shift = 56
    func append(_ byte: UInt8) {
      word |= UInt64(byte) << UInt64(shift)
      shift -= 8
      if shift < 0 {
        key.append(word)
        word = 0
        shift = 56
      }
    }
    var needsEscaping = false
    for value in values {
      for byte in value.utf8 {
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""):
          needsEscaping = true
          append(UInt8(ascii: "\\"))
          append(byte)
        case UInt8(ascii: "\n"):
          needsEscaping = true
          append(UInt8(ascii: "\\"))
          append(UInt8(ascii: "n"))
        default: append(byte)
        }
      }
      append(UInt8(ascii: "\""))
    }
    if shift < 56 { key.append(word) }
    self.key = key
    self.needsEscaping = needsEscaping
  }
}

extension LabelValues: Hashable {
  package static func == (left: LabelValues, right: LabelValues) -> Bool { left.key == right.key }

  package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

extension LabelValues: Comparable {
  package static func < (left: LabelValues, right: LabelValues) -> Bool {
    for index in 0..<min(left.key.count, right.key.count) where left.key[index] != right.key[index] {
      return left.key[index] < right.key[index]
    }
    return left.key.count < right.key.count
  }
}
