internal import PortModel

/// The tuples that hold pool ports: an open-addressing index over entries in fixed chunks.
///
/// Chunks never move, so that growing costs no second copy: 500,000 tuples take 32 MB and 8 MB of index. Kept between scrapes.
struct TupleTable: ~Copyable, Sendable {
  private static let chunkShift = 12
  private static let chunkSize = 1 << chunkShift

  private(set) var count = 0
  private var chunks: [[TupleEntry]] = []
  private var index = TupleIndex()
  private let seed = UInt64.random(in: .min ... .max)

  subscript(_ number: Int) -> TupleEntry {
    _read { yield chunks[number >> Self.chunkShift][number & (Self.chunkSize - 1)] }
    _modify { yield &chunks[number >> Self.chunkShift][number & (Self.chunkSize - 1)] }
  }

  /// The number of the entry of `key`, made with `makeEntry` if there is none.
  mutating func number(of key: TupleKey, orInsert makeEntry: () -> TupleEntry) -> Int {
    let hash = hash(key)
    let found = index.search(hash) { self[$0].key == key }
    if let number = found.number { return number }
    let number = count
    append(makeEntry())
    index.insert(hash, number: number, at: found.place)
    return number
  }

  /// The entry of `key`; `nil` if there is none.
  func entry(of key: TupleKey) -> TupleEntry? { index.search(hash(key)) { self[$0].key == key }.number.map { self[$0] } }

  /// Forgets every tuple. Memory stays for the next scrape, unless this one needed far less than there is.
  ///
  /// - Returns: whether memory was given up.
  @discardableResult
  mutating func removeAll() -> Bool {
    defer { count = 0 }
    let needed = max(TupleIndex.smallest, (count * 2).nextPowerOfTwo)
    let isOversized = needed * 8 <= index.size
    if isOversized {
      index.removeAll(size: needed)
      chunks.removeLast(chunks.count - min(chunks.count, (count + Self.chunkSize - 1) >> Self.chunkShift))
    } else {
      index.removeAll()
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

  private func hash(_ key: TupleKey) -> UInt32 {
    var hash = TupleHash(seed: seed)
    hash.add(key.source.high)
    hash.add(key.source.low)
    hash.add(key.destination.high)
    hash.add(key.destination.low)
    hash.add(UInt64(key.device) << 16 | UInt64(key.destinationPort))
    return hash.result
  }
}

extension Int {
  /// The least power of two that is not below this number.
  var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}

/// A tuple as the kernel's tables have it, with the number of the device in place of its name.
struct TupleKey: Sendable, Hashable {
  let source: IPAddress
  let destination: IPAddress
  /// 0 for none.
  let device: UInt32
  let destinationPort: Port

  init(source: IPAddress, destination: IPAddress, destinationPort: Port, device: UInt32) {
    self.source = source
    self.destination = destination
    self.device = device
    self.destinationPort = destinationPort
  }

  static func == (left: TupleKey, right: TupleKey) -> Bool {
    left.destination == right.destination && left.source == right.source && left.destinationPort == right.destinationPort
      && left.device == right.device
  }

  /// Both ends are on this host, whatever the addresses of other hosts.
  var isOnLoopback: Bool { source.isLoopback || destination.isLoopback || device == TimeWaitReuse.loopbackDevice }

  /// The same tuple on no device, whose sockets are in the way of those on any.
  var onNoDevice: TupleKey { TupleKey(source: source, destination: destination, destinationPort: destinationPort, device: 0) }
}

/// What is counted of one tuple: 64 bytes, however many sockets share it.
struct TupleEntry: Sendable {
  let key: TupleKey
  /// Ports with a socket of the tuple in any state.
  var used: UInt16 = 0
  /// Of ``used``: ports whose socket is a TIME_WAIT that connect() may take over.
  var reusable: UInt16 = 0
  /// Of ``used``, and of ``reusable``: ports of the parity that connect() tries first.
  var firstParityUsed: UInt16 = 0
  var firstParityReusable: UInt16 = 0
  /// TIME_WAIT ports by when they come back: within 5, 15, 30 and 60 seconds, each port in one.
  var returning: (UInt16, UInt16, UInt16, UInt16) = (0, 0, 0, 0)
  /// The other end is an address of this host.
  let isLocal: Bool
  /// What an open connection said of timestamps.
  var timestamps = Timestamps.unknown
  /// A port with an open connection of the tuple, to ask about; 0 for none.
  var openPort: Port = 0
  /// The ports that a connect() of the tuple can be given at all, if tuples differ in that; 0 for all of them if not.
  var capacity: UInt16 = 0
  /// Where the tuple's ports are kept apart, once it holds enough of them; -1 before.
  var bitmap: Int32 = -1

  init(_ key: TupleKey, isLocal: Bool) {
    self.key = key
    self.isLocal = isLocal
  }

  /// Ports that a connect() of this tuple cannot be given.
  var held: Int { Int(used) - Int(reusable) }
  var firstParityHeld: Int { Int(firstParityUsed) - Int(firstParityReusable) }
  /// Ports that it cannot be given if the peer uses no timestamps.
  var heldAtMost: Int { usesTimestamps == nil ? Int(used) : held }

  /// Connections within the host use them: TIME_WAIT would not count as reusable otherwise.
  var usesTimestamps: Bool? {
    switch timestamps {
    case .used: true
    case .unused: false
    case .unknown: key.isOnLoopback ? true : nil
    }
  }

  /// What open connections of a tuple said.
  enum Timestamps: UInt8 {
    case unknown
    case used
    /// The kernel takes none of the tuple's TIME_WAIT over.
    case unused
  }

  mutating func note(usesTimestamps: Bool) {
    timestamps = usesTimestamps ? .used : .unused
    guard !usesTimestamps else { return }
    reusable = 0
    firstParityReusable = 0
  }
}
