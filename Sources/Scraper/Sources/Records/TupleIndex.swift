/// Open addressing: at the place that a hash names, or the next free one, the hash, and below it the number of an entry plus one. 0 is free.
///
/// With the hash at hand neither another tuple in the way nor growing has to look at an entry, which is rarely in the cache.
struct TupleIndex: Sendable {
  static let smallest = 64
  private var slots = [UInt64](repeating: 0, count: Self.smallest)

  /// How many places there are.
  var size: Int { slots.count }

  /// The number of the entry with this hash for which `isWanted` holds, or else the place where its number goes.
  @inline(__always)
  func search(_ hash: UInt32, _ isWanted: (Int) -> Bool) -> (number: Int?, place: Int) {
    let mask = slots.count - 1
    var place = Int(hash) & mask
    while slots[place] != 0 {
      let number = Int(UInt32(truncatingIfNeeded: slots[place])) - 1
      if UInt32(truncatingIfNeeded: slots[place] >> 32) == hash, isWanted(number) { return (number, place) }
      place = (place + 1) & mask
    }
    return (nil, place)
  }

  /// The number at the place that `hash` names, if it has this hash: nearly always what ``search(_:_:)`` finds, without a look at an entry.
  @inline(__always)
  func likelyNumber(_ hash: UInt32) -> Int? {
    let slot = slots[Int(hash) & (slots.count - 1)]
    return slot != 0 && UInt32(truncatingIfNeeded: slot >> 32) == hash ? Int(UInt32(truncatingIfNeeded: slot)) - 1 : nil
  }

  /// Notes an entry at the place that a search found for it. Up to three quarters of the places are taken, then there are twice as many.
  ///
  /// - Parameter number: how many entries there were before.
  @inline(__always)
  mutating func insert(_ hash: UInt32, number: Int, at place: Int) {
    slots[place] = UInt64(hash) << 32 | UInt64(number + 1)
    if (number + 1) * 4 > slots.count * 3 { grow() }
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: old.count * 2)
    for slot in old where slot != 0 { slots[search(UInt32(truncatingIfNeeded: slot >> 32)) { _ in false }.place] = slot }
  }

  /// Forgets every entry.
  mutating func removeAll() {
    for place in slots.indices { slots[place] = 0 }
  }

  /// Forgets every entry, and has `size` places from then on, a power of two.
  mutating func removeAll(size: Int) { slots = [UInt64](repeating: 0, count: size) }
}

/// Multiply and fold: a few cycles a word. Seeded, because peers choose part of what is hashed.
struct TupleHash: Sendable {
  private var value: UInt64

  init(seed: UInt64) {
    value = seed
  }

  @inline(__always)
  mutating func add(_ word: UInt64) {
    let product = (value ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    value = product.high ^ product.low
  }

  var result: UInt32 { UInt32(truncatingIfNeeded: value) }
}
