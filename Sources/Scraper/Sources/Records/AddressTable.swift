internal import PortModel

/// Pool ports by the local address of their sockets: what an automatic `bind` to one address runs into.
///
/// Bounded: a host with more addresses than ``limit`` in use has the rest left out, and ``isComplete`` says so.
struct AddressTable: ~Copyable, Sendable {
  static let limit = 256

  private(set) var isComplete = true
  private(set) var addresses: [IPAddress] = []
  private var bitmaps: [PoolBitmap] = []
  private var numbers: [IPAddress: Int] = [:]
  private var lastNumber = 0
  private var wordCount = 0

  /// Starts over, for a range of at most `wordCount` times 64 ports.
  mutating func begin(wordCount: Int) {
    self.wordCount = wordCount
    isComplete = true
    addresses.removeAll()
    bitmaps.removeAll()
    numbers.removeAll()
    lastNumber = 0
  }

  mutating func insert(_ address: IPAddress, offset: Int) {
    if lastNumber < addresses.count, addresses[lastNumber] == address {
      _ = bitmaps[lastNumber].insert(offset)
    } else if let number = numbers[address] {
      lastNumber = number
      _ = bitmaps[number].insert(offset)
    } else if addresses.count < Self.limit {
      lastNumber = addresses.count
      numbers[address] = lastNumber
      addresses.append(address)
      bitmaps.append(PoolBitmap(wordCount: wordCount))
      _ = bitmaps[lastNumber].insert(offset)
    } else {
      isComplete = false
    }
  }

  /// The ports of `addresses[number]`, as offsets into the range.
  func forEachOffset(of number: Int, _ body: (Int) -> Void) {
    bitmaps[number].forEach(body)
  }
}
