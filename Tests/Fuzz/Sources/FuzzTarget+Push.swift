import Exposition
import Push

extension FuzzTarget {
  /// What is sent can be taken apart again by the rules of those who receive it.
  static let push: [FuzzTarget] = [
    FuzzTarget(name: "snappy") { bytes in
      // Long input from a short one, so that copies reach back over more than a fragment.
      let input = bytes.first.map { $0 & 1 == 0 } ?? true ? bytes : Array((0..<40).map { _ in bytes }.joined())
      require(uncompressed(SnappyBlock.compressed(input)) == input, "\(input.count) bytes do not come back")
    },
    FuzzTarget(name: "grouping-path") { bytes in
      let value = String(decoding: bytes, as: UTF8.self)
      let path = GroupingPath.path(job: "portpool", grouping: [MetricSeries.Label(name: "instance", value: value)])
      require(path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }, path)
      let segments = path.split(separator: "/", omittingEmptySubsequences: false)
      require(segments.count == 6 && !["", ".", ".."].contains(segments[5]), "another path: \(path)")
      let decoded = segments[4] == "instance" ? percentDecoded(segments[5].utf8) : base64Decoded(segments[5].utf8)
      require(decoded == Array(value.utf8), "\(path) does not say \"\(value)\"")
    },
  ]

  /// <https://github.com/google/snappy/blob/main/format_description.txt>
  private static func uncompressed(_ block: [UInt8]) -> [UInt8]? {
    var (rest, output) = (block[...], [UInt8]())
    var (length, shift) = (0, 0)
    while let byte = rest.popFirst() {
      length |= Int(byte & 0x7F) << shift
      shift += 7
      if byte & 0x80 == 0 { break }
    }
    func number(_ bytes: Int) -> Int? {
      guard rest.count >= bytes else { return nil }
      let value = rest.prefix(bytes).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(bytes)
      return value
    }
    while let tag = rest.popFirst() {
      let upper = Int(tag >> 2)
      if tag & 3 == 0 {
        guard let count = upper < 60 ? upper + 1 : number(upper - 59).map({ $0 + 1 }), rest.count >= count else { return nil }
        output += rest.prefix(count)
        rest = rest.dropFirst(count)
      } else {
        let isShort = tag & 3 == 1
        guard let low = number(isShort ? 1 : tag & 3 == 2 ? 2 : 4) else { return nil }
        let offset = isShort ? (upper >> 3) << 8 | low : low
        guard offset > 0, offset <= output.count else { return nil }
        for _ in 0..<(isShort ? (upper & 7) + 4 : upper + 1) { output.append(output[output.count - offset]) }
      }
    }
    return output.count == length ? output : nil
  }

  private static func percentDecoded(_ text: Substring.UTF8View) -> [UInt8]? {
    var (rest, bytes) = (text, [UInt8]())
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  private static func base64Decoded(_ text: Substring.UTF8View) -> [UInt8]? {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var (bits, count, bytes) = (0, 0, [UInt8]())
    for byte in text where byte != UInt8(ascii: "=") {
      guard let value = alphabet.firstIndex(of: byte) else { return nil }
      bits = (bits << 6 | value) & 0xFFFF
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> count))
      }
    }
    return bytes
  }
}
