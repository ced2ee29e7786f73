/// The snappy block format: what remote write compresses with.
///
/// <https://github.com/google/snappy/blob/main/format_description.txt>: the length as a varint, then literals and copies.
package enum SnappyBlock {
  /// Copies reach back at most this far with a two-byte offset.
  private static let fragmentSize = 1 << 16
  private static let hashBits: UInt32 = 14

  /// The compressed form of `input`. O(n); text of metrics comes out at about a sixth.
  package static func compressed(_ input: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(input.count / 4 + 16)
    var rest = input.count
    while rest >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(rest))
    var start = 0
    while start < input.count {
      let end = min(start + fragmentSize, input.count)
      compress(input, start..<end, into: &output)
      start = end
    }
    return output
  }

  private static func compress(_ input: [UInt8], _ fragment: Range<Int>, into output: inout [UInt8]) {
    // Where in the fragment a hash of four bytes was last seen. 0 is a place too: what stands there is always compared.
    var seen = [UInt16](repeating: 0, count: 1 << hashBits)
    var literalStart = fragment.lowerBound
    var position = fragment.lowerBound
    while position + 4 <= fragment.upperBound {
      let word = word(input, position)
      let hash = Int((word &* 0x1E35_A7BD) >> (32 - hashBits))
      let candidate = fragment.lowerBound + Int(seen[hash])
      seen[hash] = UInt16(truncatingIfNeeded: position - fragment.lowerBound)
      guard candidate < position, self.word(input, candidate) == word else {
        position += 1
        continue
      }
      var length = 4
      while position + length < fragment.upperBound, input[candidate + length] == input[position + length] { length += 1 }
      literal(input[literalStart..<position], into: &output)
      copy(length, from: position - candidate, into: &output)
      position += length
      literalStart = position
    }
    literal(input[literalStart..<fragment.upperBound], into: &output)
  }

  private static func word(_ input: [UInt8], _ position: Int) -> UInt32 {
    UInt32(input[position]) | UInt32(input[position + 1]) << 8 | UInt32(input[position + 2]) << 16 | UInt32(input[position + 3]) << 24
  }

  /// Tag 00: the length less one in the tag, or for 60 and more behind it in one or two bytes.
  private static func literal(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let length = bytes.count - 1
    if length < 60 {
      output.append(UInt8(length << 2))
    } else if length < 0x100 {
      output += [60 << 2, UInt8(length)]
    } else {
      output += [61 << 2, UInt8(length & 0xFF), UInt8(length >> 8)]
    }
    output.append(contentsOf: bytes)
  }

  /// Tag 10: up to 64 bytes from an offset of two bytes.
  private static func copy(_ length: Int, from offset: Int, into output: inout [UInt8]) {
    var rest = length
    while rest > 0 {
      let part = min(rest, 64)
      output += [UInt8((part - 1) << 2 | 2), UInt8(offset & 0xFF), UInt8(offset >> 8)]
      rest -= part
    }
  }
}
