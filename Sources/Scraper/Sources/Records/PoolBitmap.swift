internal import PortModel

/// A set of ports of one range, with just the memory that the range needs: 3.5 KiB for the default pool, 16 bytes for a hundred ports.
struct PoolBitmap: Sendable {
  private(set) var words: [UInt64]

  init(wordCount: Int) {
    words = [UInt64](repeating: 0, count: wordCount)
  }

  static func wordCount(for range: PortRange) -> Int { (range.count + 63) >> 6 }

  /// Adds the port `offset` places above the range's first; `false` when it was there already.
  mutating func insert(_ offset: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(offset & 63)
    let isNew = words[offset >> 6] & bit == 0
    words[offset >> 6] |= bit
    return isNew
  }

  mutating func removeAll() {
    for index in words.indices { words[index] = 0 }
  }

  var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Adds what `other`, of the same length, has.
  mutating func formUnion(_ other: PoolBitmap) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  /// Takes away what `other`, of the same length, has.
  mutating func subtract(_ other: PoolBitmap) {
    for index in words.indices { words[index] &= ~other.words[index] }
  }

  /// How many ports `other`, of the same length, has too, and how many of those are an even number of places above the range's first.
  func common(with other: PoolBitmap) -> (all: Int, even: Int) {
    var (all, even) = (0, 0)
    for index in words.indices {
      let both = words[index] & other.words[index]
      all += both.nonzeroBitCount
      even += (both & 0x5555_5555_5555_5555).nonzeroBitCount
    }
    return (all, even)
  }

  func forEach(_ body: (_ offset: Int) -> Void) {
    for index in words.indices {
      var word = words[index]
      while word != 0 {
        body(index << 6 | word.trailingZeroBitCount)
        word &= word - 1
      }
    }
  }
}
