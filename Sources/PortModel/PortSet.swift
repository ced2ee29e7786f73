/// A set of ports: one bit for each of the 65,536 (8 KiB).
///
/// On the heap rather than in place: tallies hold a dozen of them, and moving such a value must not move 100 KiB.
package struct PortSet: Sendable, Hashable {
  @usableFromInline var words = Self.none
  /// What every set begins with: one that stays empty takes no memory of its own.
  @usableFromInline static let none = [UInt64](repeating: 0, count: 1024)

  @inlinable package init() {}

  @inlinable @inline(__always)
  package func contains(_ port: Port) -> Bool {
    words[Int(port >> 6)] & (1 << UInt64(port & 63)) != 0
  }

  @inlinable @inline(__always)
  package mutating func insert(_ port: Port) {
    words[Int(port >> 6)] |= 1 << UInt64(port & 63)
  }

  @inlinable
  package mutating func remove(_ port: Port) {
    words[Int(port >> 6)] &= ~(1 << UInt64(port & 63))
  }

  /// Adds every port of `range`. O(range / 64).
  package mutating func insert(_ range: PortRange) {
    let (firstWord, lastWord) = (Int(range.first >> 6), Int(range.last >> 6))
    for index in firstWord...lastWord {
      var mask = UInt64.max
      if index == firstWord { mask &= UInt64.max << UInt64(range.first & 63) }
      if index == lastWord { mask &= UInt64.max >> UInt64(63 - range.last & 63) }
      words[index] |= mask
    }
  }

  /// Adds the ports whose bits are set in `word`, the lowest bit for port 64 · `index`.
  package mutating func insert(word: UInt64, at index: Int) { words[index] |= word }

  package mutating func removeAll() {
    for index in words.indices { words[index] = 0 }
  }

  package mutating func formUnion(_ other: PortSet) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  package mutating func subtract(_ other: PortSet) {
    for index in words.indices { words[index] &= ~other.words[index] }
  }

  package mutating func formIntersection(_ other: PortSet) {
    for index in words.indices { words[index] &= other.words[index] }
  }

  /// The number of ports in the set. O(1024).
  package var count: Int {
    var sum = 0
    for index in words.indices { sum += words[index].nonzeroBitCount }
    return sum
  }

  /// The number of ports that lie in `range`. O(range / 64).
  package func count(in range: PortRange) -> Int {
    let (firstWord, lastWord) = (Int(range.first >> 6), Int(range.last >> 6))
    var sum = 0
    for index in firstWord...lastWord {
      var word = words[index]
      if index == firstWord { word &= UInt64.max << UInt64(range.first & 63) }
      if index == lastWord { word &= UInt64.max >> UInt64(63 - range.last & 63) }
      sum += word.nonzeroBitCount
    }
    return sum
  }

  /// The number of ports that are even, or odd, as `port` is.
  package func count(parityOf port: Port) -> Int {
    let mask: UInt64 = port & 1 == 0 ? 0x5555_5555_5555_5555 : 0xAAAA_AAAA_AAAA_AAAA
    var sum = 0
    for index in words.indices { sum += (words[index] & mask).nonzeroBitCount }
    return sum
  }

  package var isEmpty: Bool {
    for index in words.indices where words[index] != 0 { return false }
    return true
  }

  /// The number of ports that are in both sets.
  package func countCommon(with other: PortSet) -> Int {
    var sum = 0
    for index in words.indices { sum += (words[index] & other.words[index]).nonzeroBitCount }
    return sum
  }

  /// Calls `body` for each port, lowest first.
  package func forEach(_ body: (Port) -> Void) {
    for index in words.indices {
      var word = words[index]
      while word != 0 {
        body(Port(index << 6 | word.trailingZeroBitCount))
        word &= word - 1
      }
    }
  }

  /// The ports, lowest first.
  package var ports: [Port] {
    var result: [Port] = []
    forEach { result.append($0) }
    return result
  }

  /// The ports as the fewest ranges, lowest first: `[1-2, 80]`.
  package var ranges: [PortRange] {
    var result: [PortRange] = []
    forEach { port in
      if let last = result.last, Int(last.last) + 1 == Int(port) {
        result[result.count - 1] = PortRange(unchecked: last.first, port)
      } else {
        result.append(PortRange(unchecked: port, port))
      }
    }
    return result
  }
}

extension PortSet: ExpressibleByArrayLiteral {
  package init(arrayLiteral ports: Port...) {
    self.init()
    for port in ports { insert(port) }
  }
}
