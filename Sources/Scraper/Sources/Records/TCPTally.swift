internal import Kernel
internal import PortModel

/// What a table of sockets is read into, one socket after the other: sums and sets, never the sockets.
protocol SocketTally: ~Copyable {
  mutating func observe(_ record: SocketRecord)
  /// Forgets what was counted, for a table that has to be read again.
  mutating func restart()
}

/// The running count of a namespace's TCP sockets.
///
/// Ports that programs chose themselves are named first (``bindExplicitly(_:)``), then every socket is reported. The count is right at once if
/// listeners and bound sockets come before connections, as the kernel lists them; ``hasLateBlock`` tells when they did not.
struct TCPTally: ~Copyable, Sendable {
  /// `nil` when the settings could not be read: sockets are counted all the same.
  private(set) var settings: PoolSettings?
  private(set) var pool = PortSet()
  private(set) var firstPort = 0
  private(set) var counts = SocketCounts()
  private(set) var ports = PortLedger()
  /// Pool ports with a listener, an explicit bind or a bound-only socket.
  private(set) var blocked = PortSet()
  /// Pool ports with a listener whose program chose the port, if the source can tell.
  private(set) var chosenListeners = PortSet()
  /// A connection was counted into a tuple before its port turned out to be blocked.
  private(set) var hasLateBlock = false
  /// A program keeps a connection from a pool port of its own choice that was reset: bound as before, and no longer in the kernel's running count.
  private(set) var hasResetConnection = false
  private(set) var tuples = TupleTable()
  private(set) var addresses = AddressTable()
  /// Ports with a socket on `0.0.0.0` or a dual-stack `[::]`, and on any `[::]`.
  private(set) var onWildcardIPv4 = PortSet()
  private(set) var onWildcardIPv6 = PortSet()
  /// Ports with an IPv6-only listener, and ports with an IPv6 connection: what the listener accepted is IPv6-only as well.
  private var ofIPv6OnlyListeners = PortSet()
  private var ofIPv6Connections = PortSet()
  /// Ports of the parity that connect() tries last, held by tuples that have no bitmap yet.
  private(set) var secondParityOfSmallTuples = PortSet()
  private(set) var bitmaps: [PoolBitmap] = []
  /// The tuples that have a bitmap, by number.
  private var largeTuples: [Int] = []

  private var localAddresses = LocalAddresses()
  /// The settings' rule, as this kernel applies it now.
  private var reuse: TimeWaitReuse?
  /// Ports that were known to be blocked before the first socket.
  private var knownBlocked = PortSet()
  private var bitmapWords = 0
  private var bitmapThreshold = 0

  /// Starts over for a namespace with these settings. Memory is kept.
  ///
  /// - Parameters:
  ///   - blocked: ports known to be blocked; those outside the pool do not matter.
  ///   - abilities: those of the kernel whose sockets these are.
  mutating func begin(
    _ namespace: NamespaceSettings?, namedRanges: [NamedRange], blocked: PortSet = PortSet(), abilities: KernelAbilities = KernelAbilities()
  ) {
    settings = namespace?.pool
    reuse = namespace?.pool.timeWaitReuse.on(abilities, millisecondOfSecond: MonotonicClock.millisecondOfSecond)
    localAddresses = namespace?.localAddresses ?? LocalAddresses()
    pool = namespace?.pool.pool ?? PortSet()
    firstPort = Int(namespace?.pool.range.first ?? 0)
    counts = SocketCounts(namedRanges: namedRanges)
    bitmapWords = (namespace?.pool.range).map(PoolBitmap.wordCount) ?? 0
    // A tuple gets its bitmap when that costs at most 16 bytes for each socket it has shown, and long before it runs out of ports.
    bitmapThreshold = max(0, min(bitmapWords * 8 / 16 - 1, pool.count / 10))
    restart(knowing: blocked)
  }

  /// Forgets what was counted, but for the ports in `blocked`.
  mutating func restart(knowing blocked: PortSet) {
    knownBlocked = blocked
    knownBlocked.formIntersection(pool)
    restart()
  }

  /// Forgets what was counted, for a table that has to be read again.
  mutating func restart() {
    counts = SocketCounts(namedRanges: counts.namedRanges)
    ports.removeAll()
    blocked = knownBlocked
    chosenListeners.removeAll()
    hasLateBlock = false
    hasResetConnection = false
    if tuples.removeAll() { ProcessMemory.giveBack() }
    addresses.begin(wordCount: bitmapWords)
    onWildcardIPv4.removeAll()
    onWildcardIPv6.removeAll()
    ofIPv6OnlyListeners.removeAll()
    ofIPv6Connections.removeAll()
    secondParityOfSmallTuples.removeAll()
    bitmaps.removeAll()
    largeTuples.removeAll()
  }

  /// Marks a port that a program chose itself, by `bind` to a number: connect() is never given it.
  ///
  /// Kernel: `tb->fastreuse >= 0` in `__inet_hash_connect`.
  mutating func bindExplicitly(_ port: Port) {
    guard pool.contains(port) else { return }
    ports.bound.insert(port)
    block(port)
  }

  /// Marks a port on which a program listens because it chose to, by `bind` to a number.
  mutating func listenExplicitly(_ port: Port) {
    if ports.listener.contains(port) { chosenListeners.insert(port) }
  }

  /// No cost for connections: the sockets that a blocked port had before are known by its being used.
  @inline(__always)
  private mutating func block(_ port: Port) {
    guard !blocked.contains(port) else { return }
    if ports.used.contains(port) { hasLateBlock = true }
    blocked.insert(port)
  }
}

extension TCPTally: SocketTally {
  @inline(__always)
  mutating func observe(_ record: SocketRecord) {
    counts.add(record)
    let port = record.localPort
    guard pool.contains(port) else { return }
    noteFamilies(record)
    noteAddress(record)
    switch record.state {
    case .listen:
      ports.listener.insert(port)
      block(port)
    case .close, .boundInactive:
      if record.remotePort != 0 { hasResetConnection = true }
      ports.bound.insert(port)
      block(port)
    default:
      if !blocked.contains(port) { noteTuple(record) }
    }
    ports.used.insert(port)
  }

  /// The kernel tells of listeners and bound sockets alone whether they are IPv6-only.
  ///
  /// Kernel: `sk_clone_lock` copies `skc_ipv6only` from the listener, and `inet_twsk_alloc` from the connection.
  @inline(__always)
  private mutating func noteFamilies(_ record: SocketRecord) {
    if record.isIPv6Only {
      if record.state == .listen { ofIPv6OnlyListeners.insert(record.localPort) }
    } else if record.local.isIPv4 || record.state == .listen || record.state == .close {
      ports.meetingIPv4.insert(record.localPort)
    } else {
      ofIPv6Connections.insert(record.localPort)
    }
  }

  /// Ports with a socket that an IPv4 socket would meet.
  var meetingIPv4: PortSet {
    var ports = ofIPv6Connections
    ports.subtract(ofIPv6OnlyListeners)
    ports.formUnion(self.ports.meetingIPv4)
    return ports
  }

  @inline(__always)
  private mutating func noteAddress(_ record: SocketRecord) {
    guard record.local.isWildcard else {
      addresses.insert(record.local, offset: Int(record.localPort) - firstPort)
      return
    }
    if !record.isIPv6Only { onWildcardIPv4.insert(record.localPort) }
    if !record.local.isIPv4 { onWildcardIPv6.insert(record.localPort) }
  }

  @inline(__always)
  private mutating func noteTuple(_ record: SocketRecord) {
    let key = TupleKey(source: record.local, destination: record.remote, destinationPort: record.remotePort, device: record.device)
    let number = tuples.number(of: key) {
      TupleEntry(key, isLocal: record.remote.isLoopback || localAddresses.contains(record.remote))
    }
    if record.inode != 0 {
      if tuples[number].isLocal { ports.local.insert(record.localPort) } else { ports.client.insert(record.localPort) }
    }
    let offset = Int(record.localPort) - firstPort
    guard isNew(offset, for: number) else { return }
    if offset & 1 == 1, tuples[number].bitmap < 0 { secondParityOfSmallTuples.insert(record.localPort) }
    tuples[number].add(
      record, isFirstParity: offset & 1 == 0, isReusable: reuse?.allows(record) == true)
  }

  /// Rows repeat while a table changes. From the size on where that could matter, a tuple knows its ports.
  @inline(__always)
  private mutating func isNew(_ offset: Int, for number: Int) -> Bool {
    if tuples[number].bitmap < 0 {
      guard Int(tuples[number].used) >= bitmapThreshold else { return true }
      tuples[number].bitmap = Int32(bitmaps.count)
      bitmaps.append(PoolBitmap(wordCount: bitmapWords))
      largeTuples.append(number)
    }
    return bitmaps[Int(tuples[number].bitmap)].insert(offset)
  }
}

extension TCPTally {
  /// The tuples with other hosts that hold a tenth of the pool or more, by number; the fullest of them if there are more than `limit`.
  func tuplesWorthAsking(limit: Int) -> [Int] {
    let large = largeTuples.filter { Int(tuples[$0].used) * 10 >= pool.count && !tuples[$0].key.isOnLoopback }
    return Array(large.sorted { tuples[$0].used > tuples[$1].used }.prefix(limit))
  }

  /// Takes note of what is known of a tuple's connections.
  mutating func note(usesTimestamps: Bool, tuple number: Int) { tuples[number].note(usesTimestamps: usesTimestamps) }
}

extension TupleEntry {
  @inline(__always)
  fileprivate mutating func add(_ record: SocketRecord, isFirstParity: Bool, isReusable: Bool) {
    guard used < .max else { return }
    used += 1
    if isFirstParity { firstParityUsed += 1 }
    if isReusable { reusable += 1 }
    if isReusable && isFirstParity { firstParityReusable += 1 }
    if record.state.hasAgreedOptions { openPort = record.localPort }
    guard record.state == .timeWait else { return }
    switch record.timeWaitRemaining {
    case ...5_000: returning.0 += 1
    case ...15_000: returning.1 += 1
    case ...30_000: returning.2 += 1
    default: returning.3 += 1
    }
  }
}
