internal import PortModel

/// The tuples that hold translated ports, and which: an open-addressing index over entries, each with its first port and a chain of blocks of 15 for
/// those after it.
///
/// Bounded. When a tuple too many comes, those with the fewest ports are dropped, and ``uncountedPorts`` says how many ports any tuple may lack from
/// then on: far fewer than make a search for a port fail. 64 bytes and what the index takes for a tuple, and 64 for each 15 ports after its first; kept between scrapes.
struct SnatTupleTable: ~Copyable {
  /// 100,000 tuples fit, with room for the gateway's own.
  static let standardLimit = 1 << 17
  private static let blockSize = 16
  private static let batch = 16

  private struct Note {
    let tuple: SnatTuple
    let hash: UInt32
    /// The port, and ``closingFlag``.
    let word: UInt32
    let isTranslated: Bool
  }

  private let limit: Int
  private var entries: [SnatEntry] = []
  private var index = TupleIndex()
  /// Blocks of 16 words: the number of the block before plus one, and up to 15 ports, ``closingFlag`` set for those of closing connections.
  private var blocks: [UInt32] = []
  /// Blocks that dropped tuples had, chained by their first words; the first one's number plus one.
  private var freeBlock: UInt32 = 0
  private let seed = UInt64.random(in: .min ... .max)
  /// What was noted and is not entered yet, at most ``batch``, and what is known of where it goes.
  private var pending: [Note] = []
  private var places = [Int](repeating: 0, count: Self.batch)
  /// Keeps the loads of ``fetch()`` from being optimized away.
  private var fetched: UInt32 = 0
  /// How many ports any tuple may hold beyond those counted.
  private(set) var uncountedPorts = 0

  static let closingFlag: UInt32 = 1 << 16

  init(limit: Int = Self.standardLimit) {
    self.limit = limit
  }

  var count: Int { entries.count }
  subscript(_ number: Int) -> SnatEntry { entries[number] }

  /// Notes that `tuple` holds `port`. ``finish()`` is called before anything is read.
  ///
  /// Of many tuples index, entry and block are rarely in the cache. Noted 16 at a time, they are waited for together.
  @inline(__always)
  mutating func note(_ tuple: SnatTuple, port: Port, isClosing: Bool, isTranslated: Bool) {
    pending.append(
      Note(tuple: tuple, hash: hash(tuple), word: UInt32(port) | (isClosing ? Self.closingFlag : 0), isTranslated: isTranslated))
    if pending.count == Self.batch { finish() }
  }

  /// Enters what was noted last.
  mutating func finish() {
    fetch()
    for note in pending { enter(note) }
    pending.removeAll(keepingCapacity: true)
  }

  /// Loads what entering the notes is going to read: one kind after the other, so that no load waits for another of its kind.
  private mutating func fetch() {
    for note in pending.indices { places[note] = index.likelyNumber(pending[note].hash) ?? -1 }
    for note in pending.indices where places[note] >= 0 {
      let entry = entries[places[note]]
      places[note] = entry.lastBlock == 0 ? -1 : Self.word(for: entry)
    }
    for note in pending.indices where places[note] >= 0 { fetched &+= blocks[places[note]] }
  }

  private mutating func enter(_ note: Note) {
    let number = number(of: note)
    if entries[number].ports == 0 {
      entries[number].first = note.word
    } else {
      if Self.place(for: entries[number]) == 0 { entries[number].lastBlock = makeBlock(before: entries[number].lastBlock) }
      blocks[Self.word(for: entries[number])] = note.word
    }
    entries[number].ports += 1
    if note.isTranslated { entries[number].translated += 1 }
  }

  /// Where in its block the next port of an entry goes; it has one port at least.
  @inline(__always)
  private static func place(for entry: borrowing SnatEntry) -> Int { (Int(entry.ports) - 1) % (blockSize - 1) }

  /// The number of the word in ``blocks`` that the next port goes into, in the last block that the entry has.
  @inline(__always)
  private static func word(for entry: borrowing SnatEntry) -> Int { (Int(entry.lastBlock) - 1) * blockSize + 1 + place(for: entry) }

  /// Calls `body` with every port of an entry, as often as it was noted.
  func forEachPort(of number: Int, _ body: (Port, _ isClosing: Bool) -> Void) {
    func give(_ word: UInt32) { body(Port(truncatingIfNeeded: word), word & Self.closingFlag != 0) }
    give(entries[number].first)
    var left = Int(entries[number].ports) - 1
    var block = Int(entries[number].lastBlock)
    while block > 0, left > 0 {
      let start = (block - 1) * Self.blockSize
      let held = (left - 1) % (Self.blockSize - 1) + 1
      for place in 1...held { give(blocks[start + place]) }
      left -= held
      block = Int(blocks[start])
    }
  }

  /// Forgets every tuple. Memory stays for the next scrape, unless this one needed far less than there is.
  mutating func removeAll() {
    pending.removeAll(keepingCapacity: true)
    let isOversized = entries.count * 16 < index.size
    entries.removeAll(keepingCapacity: !isOversized)
    blocks.removeAll(keepingCapacity: !isOversized)
    if isOversized { index.removeAll(size: TupleIndex.smallest) } else { index.removeAll() }
    (freeBlock, uncountedPorts) = (0, 0)
  }

  /// The number of the entry of the tuple of `note`, made if there is none.
  private mutating func number(of note: Note) -> Int {
    var found = index.search(note.hash) { entries[$0].tuple == note.tuple }
    if let number = found.number { return number }
    if entries.count >= limit {
      thin()
      found = index.search(note.hash) { _ in false }
    }
    entries.append(SnatEntry(note.tuple))
    index.insert(note.hash, number: entries.count - 1, at: found.place)
    return entries.count - 1
  }

  private mutating func makeBlock(before: UInt32) -> UInt32 {
    let block: UInt32
    if freeBlock > 0 {
      block = freeBlock
      freeBlock = blocks[(Int(block) - 1) * Self.blockSize]
    } else {
      block = UInt32(truncatingIfNeeded: blocks.count / Self.blockSize + 1)
      for _ in 0..<Self.blockSize { blocks.append(0) }
    }
    blocks[(Int(block) - 1) * Self.blockSize] = before
    return block
  }

  /// Drops the tuples with the fewest ports, until at least a quarter of the room is free.
  private mutating func thin() {
    var floor: UInt32 = 1
    repeat {
      uncountedPorts += Int(floor)
      var kept: [SnatEntry] = []
      for entry in entries {
        if entry.ports > floor { kept.append(entry) } else { free(entry.lastBlock) }
      }
      entries = kept
      floor &*= 2
    } while entries.count * 4 > limit * 3
    index.removeAll()
    for number in entries.indices {
      let hash = hash(entries[number].tuple)
      index.insert(hash, number: number, at: index.search(hash) { _ in false }.place)
    }
  }

  private mutating func free(_ last: UInt32) {
    var block = last
    while block > 0 {
      let start = (Int(block) - 1) * Self.blockSize
      let before = blocks[start]
      blocks[start] = freeBlock
      freeBlock = block
      block = before
    }
  }

  private func hash(_ tuple: SnatTuple) -> UInt32 {
    var hash = TupleHash(seed: seed)
    hash.add(tuple.source.high ^ tuple.source.low)
    hash.add(tuple.destination.high)
    hash.add(tuple.destination.low)
    hash.add(UInt64(tuple.zone) << 32 | UInt64(tuple.transport.rawValue) << 16 | UInt64(tuple.destinationPort))
    return hash.result
  }
}

/// What is noted of one tuple.
struct SnatEntry: Sendable {
  let tuple: SnatTuple
  /// How many ports were noted, at least one; a port twice if the dump repeated its entry.
  var ports: UInt32 = 0
  /// The first of them, with its flag.
  var first: UInt32 = 0
  /// Of them, those of connections whose source is translated.
  var translated: UInt32 = 0
  /// The number of the block with the latest ports, plus one; 0 while there is only the first.
  var lastBlock: UInt32 = 0

  init(_ tuple: SnatTuple) {
    self.tuple = tuple
  }
}
