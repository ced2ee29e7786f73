internal import PortModel

/// The tuples that hold pool ports: an open-addressing index over entries in fixed chunks.
///
/// Chunks never move, so that growing costs no second copy: 500,000 tuples take 28 MB and 4 MB of index. Kept between scrapes.
struct TupleTable: ~Copyable, Sendable {
  private static let chunkShift = 12
  private static let chunkSize = 1 << chunkShift

  private(set) var count = 0
  private var chunks: [[TupleEntry]] = []
  /// Entry number plus one at the place its hash names, or the next free one; 0 is free.
  private var index: [UInt32]
  private let seed = UInt64.random(in: .min ... .max)

  init() {
    index = [UInt32](repeating: 0, count: 64)
  }

  subscript(_ number: Int) -> TupleEntry {
    _read { yield chunks[number >> Self.chunkShift][number & (Self.chunkSize - 1)] }
    _modify { yield &chunks[number >> Self.chunkShift][number & (Self.chunkSize - 1)] }
  }

  /// The entry of `tuple`, made with `makeEntry` when there is none.
  mutating func number(of tuple: Tuple, orInsert makeEntry: () -> TupleEntry) -> Int {
    let mask = index.count - 1
    var place = hash(tuple) & mask
    while index[place] != 0 {
      let number = Int(index[place] - 1)
      if self[number].tuple == tuple { return number }
      place = (place + 1) & mask
    }
    let number = count
    index[place] = UInt32(number + 1)
    append(makeEntry())
    if count * 4 > index.count * 3 { growIndex() }
    return number
  }

  /// Forgets every tuple. Memory stays for the next scrape, unless this one needed far less than there is.
  ///
  /// - Returns: whether memory was given up.
  @discardableResult
  mutating func removeAll() -> Bool {
    defer { count = 0 }
    let needed = max(64, (count * 2).nextPowerOfTwo)
    let isOversized = needed * 8 <= index.count
    if isOversized {
      index = [UInt32](repeating: 0, count: needed)
      chunks.removeLast(chunks.count - min(chunks.count, (count + Self.chunkSize - 1) >> Self.chunkShift))
    } else {
      for place in index.indices { index[place] = 0 }
    }
    for chunk in chunks.indices { chunks[chunk].removeAll(keepingCapacity: true) }
    return isOversized
  }

  func forEach(_ body: (TupleEntry) -> Void) {
    for chunk in chunks {
      for entry in chunk { body(entry) }
    }
  }

  private mutating func append(_ entry: TupleEntry) {
    let chunk = count >> Self.chunkShift
    if chunk == chunks.count {
      chunks.append([])
      chunks[chunk].reserveCapacity(Self.chunkSize)
    }
    chunks[chunk].append(entry)
    count += 1
  }

  private mutating func growIndex() {
    index = [UInt32](repeating: 0, count: index.count * 2)
    let mask = index.count - 1
    for number in 0..<count {
      var place = hash(self[number].tuple) & mask
      while index[place] != 0 { place = (place + 1) & mask }
      index[place] = UInt32(number + 1)
    }
  }

  /// Multiply and fold: a few cycles. Seeded, because peers choose part of what is hashed.
  private func hash(_ tuple: Tuple) -> Int {
    var value = seed
    value = Self.mix(value ^ tuple.source.high)
    value = Self.mix(value ^ tuple.source.low)
    value = Self.mix(value ^ tuple.destination.high)
    value = Self.mix(value ^ tuple.destination.low)
    value = Self.mix(value ^ UInt64(tuple.destinationPort))
    return Int(truncatingIfNeeded: value)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }
}

extension Int {
  /// The least power of two that is not below this number.
  var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
