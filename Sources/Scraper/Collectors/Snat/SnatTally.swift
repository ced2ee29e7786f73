internal import PortModel

/// Counts the entries of one connection tracking table.
///
/// Port p of a tuple (X, D, d) is taken by any entry with a direction from D:d to X:p: the replies of translated connections, the replies of
/// the gateway's own connections, and connections that D:d opened to X:p. What X can be is known from the rules, the namespace's addresses and the
/// entries themselves; a client's address never is one, or each of its connections would be a tuple.
struct SnatTally: ~Copyable {
  private var table = SnatTupleTable()
  private var pools: [SnatPool] = []
  private var local = LocalAddresses()
  /// The addresses that entries are translated to, and how many have each.
  private var sources: [IPAddress: Int] = [:]
  /// Addresses that were translated to when the table was read before.
  private var known: Set<IPAddress> = []
  private var verdicts = AddressVerdicts()
  private var connections = [Int](repeating: 0, count: TrackedProtocol.allCases.count * AddressFamily.allCases.count)
  /// An address turned out to be one that is translated to, after entries with it may have been passed over.
  private(set) var hasLateSource = false

  /// The most translated addresses that are told apart.
  private static let sourceLimit = 1 << 16

  /// Starts over, for the table of another namespace or another time.
  mutating func begin(pools: [SnatPool], local: LocalAddresses, known: Set<IPAddress>) {
    (self.pools, self.local, self.known) = (pools, local, known)
    table.removeAll()
    sources.removeAll()
    verdicts.removeAll()
    for index in connections.indices { connections[index] = 0 }
    hasLateSource = false
  }

  /// Starts over, knowing the addresses that were found.
  mutating func restart() {
    begin(pools: pools, local: local, known: known.union(sources.keys))
  }

  /// The addresses that are translated to, for the next time.
  var foundSources: Set<IPAddress> { Set(sources.keys) }

  /// Counts an entry.
  @inline(__always)
  mutating func observe(_ connection: TrackedConnection) {
    let isTranslated = connection.isSourceTranslated
    if isTranslated {
      let source = connection.reply.destination
      connections[Self.place(connection.transport, source.family)] += 1
      if let count = sources[source] {
        sources[source] = count + 1
      } else {
        if sources.count < Self.sourceLimit { sources[source] = 1 }
        if verdicts.wasRefused(source), !known.contains(source), !isInPool(source) { hasLateSource = true }
        verdicts.set(source, true)
      }
    }
    if connection.transport == .icmp {
      // Echo replies: of other types there are too few, and they do not clash with them.
      guard connection.reply.destinationPort == 0 || connection.reply.destinationPort == 129 << 8 else { return }
      note(connection.reply, .icmp, port: connection.reply.sourcePort, peerPort: 0, isClosing: false, isTranslated)
    } else if connection.transport != .other {
      note(
        connection.reply, connection.transport, port: connection.reply.destinationPort, peerPort: connection.reply.sourcePort,
        isClosing: connection.isClosing, isTranslated)
      note(
        connection.original, connection.transport, port: connection.original.destinationPort, peerPort: connection.original.sourcePort,
        isClosing: false, false)
    }
  }

  @inline(__always)
  private mutating func note(
    _ direction: TrackedConnection.Direction, _ transport: TrackedProtocol, port: Port, peerPort: Port, isClosing: Bool,
    _ isTranslated: Bool
  ) {
    let source = direction.destination
    guard isTranslated || isSource(source) else { return }
    table.note(
      SnatTuple(
        transport: transport, source: source, destination: direction.source, destinationPort: peerPort, zone: direction.zone),
      port: port, isClosing: isClosing, isTranslated: isTranslated)
  }

  /// Whether connections can be translated to `address`, as far as that is known by now.
  @inline(__always)
  private mutating func isSource(_ address: IPAddress) -> Bool {
    if let verdict = verdicts[address] { return verdict }
    let verdict = known.contains(address) || sources[address] != nil || isInPool(address)
    verdicts.set(address, verdict)
    return verdict
  }

  /// Whether a rule is known that can translate to `address`.
  private func isInPool(_ address: IPAddress) -> Bool {
    pools.contains { pool in
      guard pool.origin != .assumed, pool.family == nil || pool.family == address.family else { return false }
      return pool.addresses?.contains(address) ?? (!address.isLoopback && local.contains(address))
    }
  }

  private static func place(_ transport: TrackedProtocol, _ family: AddressFamily) -> Int {
    Int(transport.rawValue) * AddressFamily.allCases.count + Int(family.rawValue)
  }
}

extension SnatTally {
  /// What was counted.
  ///
  /// - Parameters:
  ///   - limit: how many tuples are listed; `nil` for all.
  ///   - evictsClosing: whether this kernel lets a new connection take the port of a closing one.
  func result(limit: Int?, evictsClosing: Bool, incomplete: Int) -> Snat.Table {
    var (scratch, list) = (PortMarks(), WorstList(limit: limit))
    var (counts, worst): ([Snat.PoolKey: Int], [Snat.PoolKey: SnatUse]) = ([:], [:])
    var ranges = RangeCache(pools: pools)
    for number in 0..<table.count {
      let entry = table[number]
      let key = Snat.PoolKey(entry.tuple.transport, entry.tuple.family)
      if entry.translated > 0 { counts[key, default: 0] += 1 }
      scratch.mark(table, number, evictsClosing: evictsClosing)
      for range in ranges.ranges(of: entry.tuple) {
        let use = scratch.use(entry.tuple, range)
        guard use.used > 0 else { continue }
        if range != nil, worst[key].map({ use.isWorse(than: $0) }) ?? true { worst[key] = use }
        list.insert(use, number)
      }
      scratch.clear()
    }
    let tuples = list.sorted()
    var map: SnatMap?
    if let first = tuples.first {
      scratch.mark(table, first.number, evictsClosing: evictsClosing)
      map = scratch.map
    }
    var connections: [Snat.PoolKey: Int] = [:]
    for transport in TrackedProtocol.allCases {
      for family in AddressFamily.allCases {
        connections[Snat.PoolKey(transport, family)] = self.connections[Self.place(transport, family)]
      }
    }
    return Snat.Table(
      connections: connections, tupleCounts: counts, worst: worst, tuples: tuples.map(\.use), map: map,
      addresses: sources.map { Snat.AddressCount($0.key, connections: $0.value) }
        .sorted { ($1.connections, $0.address) < ($0.connections, $1.address) },
      incomplete: incomplete, uncountedPorts: table.uncountedPorts)
  }
}

/// The ports of the tuple at hand: one set of bits for all tuples, one after the other.
private struct PortMarks {
  private var used = PortSet()
  private var firm = PortSet()
  /// The distinct ports in ``used``, while there are few.
  private var few: [Port] = []
  private var hasMany = false

  /// From so many ports on the sets are counted, and emptied, as a whole.
  private static let manyPorts = 512

  mutating func mark(_ table: borrowing SnatTupleTable, _ number: Int, evictsClosing: Bool) {
    hasMany = table[number].ports >= Self.manyPorts
    table.forEachPort(of: number) { port, isClosing in
      if !hasMany, !used.contains(port) { few.append(port) }
      used.insert(port)
      if !isClosing || !evictsClosing { firm.insert(port) }
    }
  }

  mutating func clear() {
    if hasMany {
      used.removeAll()
      firm.removeAll()
    } else {
      for port in few {
        used.remove(port)
        firm.remove(port)
      }
    }
    few.removeAll(keepingCapacity: true)
  }

  /// The ports of `range` that are taken, and the chance to find none.
  func use(_ tuple: SnatTuple, _ range: PortRange?) -> SnatUse {
    var (taken, closingCount) = (0, 0)
    if hasMany {
      taken = used.count(in: range ?? .everyPort)
      closingCount = taken - firm.count(in: range ?? .everyPort)
    } else {
      for port in few where range?.contains(port) ?? true {
        taken += 1
        if !firm.contains(port) { closingCount += 1 }
      }
    }
    var chance = 0.0
    if let range, taken >= min(SnatSearch.longestWindow, range.count) {
      chance = SnatSearch.failure(used: used, closing: closingCount == 0 ? PortSet() : closing, in: range)
    }
    return SnatUse(tuple: tuple, range: range, used: taken, closing: range == nil ? 0 : closingCount, failure: chance)
  }

  var map: SnatMap { SnatMap(used: used, closing: closing) }

  private var closing: PortSet {
    var closing = used
    closing.subtract(firm)
    return closing
  }
}

/// The worst tuples so far, with their numbers: twice as many as are asked for at most.
private struct WorstList {
  let limit: Int?
  private var uses: [(use: SnatUse, number: Int)] = []

  init(limit: Int?) {
    self.limit = limit
  }

  mutating func insert(_ use: SnatUse, _ number: Int) {
    uses.append((use, number))
    if let limit, uses.count >= max(2 * limit, 64) { uses = sorted() }
  }

  func sorted() -> [(use: SnatUse, number: Int)] {
    Array(uses.sorted { $0.use.isWorse(than: $1.use) }.prefix(limit ?? .max))
  }
}

/// The distinct ranges of the rules that can serve a tuple; most tuples have the source of the one before.
private struct RangeCache {
  let pools: [SnatPool]
  private var last: (transport: TrackedProtocol, source: IPAddress)?
  private var found: [PortRange?] = []

  init(pools: [SnatPool]) {
    self.pools = pools
  }

  /// One unknown range where a rule's ports cannot be read, or no rule is known for the tuple.
  mutating func ranges(of tuple: SnatTuple) -> [PortRange?] {
    if let last, last.transport == tuple.transport, last.source == tuple.source { return found }
    last = (tuple.transport, tuple.source)
    var serving = pools.filter { $0.serves(tuple.transport, tuple.source) }
    // What the user says of an address counts for it alone.
    if serving.contains(where: { $0.origin == .option }) { serving.removeAll { $0.origin != .option } }
    let ranges = Set(serving.map { $0.range(for: tuple.transport) })
    found = ranges.isEmpty || ranges.contains(nil) ? [nil] : Array(ranges)
    return found
  }
}

/// What is known of addresses, in a table that forgets: the place is the hash's. Whether one was ever judged not to be translated to is kept apart,
/// and may be said of one that was not.
private struct AddressVerdicts {
  private static let size = 4096
  private var addresses = [IPAddress](repeating: IPAddress(high: 0, low: 0), count: Self.size)
  /// 0 for nothing known, 1 for no, 2 for yes.
  private var verdicts = [UInt8](repeating: 0, count: Self.size)
  private var refused = PortSet()

  subscript(_ address: IPAddress) -> Bool? {
    let place = Self.hash(address) & (Self.size - 1)
    guard verdicts[place] != 0, addresses[place] == address else { return nil }
    return verdicts[place] == 2
  }

  mutating func set(_ address: IPAddress, _ verdict: Bool) {
    let hash = Self.hash(address)
    addresses[hash & (Self.size - 1)] = address
    verdicts[hash & (Self.size - 1)] = verdict ? 2 : 1
    if !verdict { refused.insert(Port(truncatingIfNeeded: hash)) }
  }

  /// Whether `address` may have been judged not to be translated to.
  func wasRefused(_ address: IPAddress) -> Bool { refused.contains(Port(truncatingIfNeeded: Self.hash(address))) }

  mutating func removeAll() {
    for place in verdicts.indices { verdicts[place] = 0 }
    refused.removeAll()
  }

  private static func hash(_ address: IPAddress) -> Int {
    let product = (address.high ^ address.low).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: (product.high ^ product.low) >> 16)
  }
}

extension PortRange {
  fileprivate static let everyPort = PortRange(first: 0, last: 65535) ?? .linuxDefault
}
