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
  private var known: Set<IPAddress> = []
  /// The addresses that entries are translated to.
  private var sources = TranslatedSources()
  private var connections = [Int](repeating: 0, count: Self.placeCount)

  private static let placeCount = TrackedProtocol.allCases.count * AddressFamily.allCases.count

  /// Starts over, for the table of another namespace or another time.
  ///
  /// - Parameter known: addresses that were translated to when the table was read before.
  mutating func begin(pools: [SnatPool], local: LocalAddresses, known: Set<IPAddress>) {
    (self.pools, self.local, self.known) = (pools, local, known)
    sources = TranslatedSources(pools: pools, local: local, known: known)
    table.removeAll()
    for index in connections.indices { connections[index] = 0 }
  }

  /// Starts over, knowing the addresses that were found.
  mutating func restart() {
    begin(pools: pools, local: local, known: known.union(sources.found.keys))
  }

  /// The addresses that are translated to, for the next time.
  var foundSources: Set<IPAddress> { Set(sources.found.keys) }

  /// An address turned out to be one that is translated to, after entries with it may have been passed over.
  var hasLateSource: Bool { sources.hasLate }

  /// Counts an entry.
  @inline(__always)
  mutating func observe(_ connection: TrackedConnection) {
    let isTranslated = connection.isSourceTranslated
    if isTranslated {
      let source = connection.reply.destination
      connections[Self.place(connection.transport, source.family)] += 1
      sources.count(source)
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
    guard isTranslated || sources.contains(source) else { return }
    table.note(
      SnatTuple(
        transport: transport, source: source, destination: direction.source, destinationPort: peerPort, zone: direction.zone),
      port: port, isClosing: isClosing, isTranslated: isTranslated)
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
  mutating func result(limit: Int?, evictsClosing: Bool, incomplete: Int) -> Snat.Table {
    table.finish()
    var (scratch, list) = (PortMarks(), WorstList(limit: limit))
    var (counts, worst) = ([Int](repeating: 0, count: Self.placeCount), [SnatUse?](repeating: nil, count: Self.placeCount))
    var ranges = RangeCache(pools: pools)
    for number in 0..<table.count {
      let entry = table[number]
      let place = Self.place(entry.tuple.transport, entry.tuple.family)
      if entry.translated > 0 { counts[place] += 1 }
      scratch.mark(table, number, evictsClosing: evictsClosing)
      for range in ranges.ranges(of: entry.tuple) {
        let use = scratch.use(entry.tuple, range)
        guard use.used > 0 else { continue }
        if range != nil, worst[place].map({ use.isWorse(than: $0) }) ?? true { worst[place] = use }
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
    var (connections, tupleCounts, worstUses): ([Snat.PoolKey: Int], [Snat.PoolKey: Int], [Snat.PoolKey: SnatUse]) = ([:], [:], [:])
    for transport in TrackedProtocol.allCases {
      for family in AddressFamily.allCases {
        let (key, place) = (Snat.PoolKey(transport, family), Self.place(transport, family))
        connections[key] = self.connections[place]
        if counts[place] > 0 { tupleCounts[key] = counts[place] }
        worstUses[key] = worst[place]
      }
    }
    return Snat.Table(
      connections: connections, tupleCounts: tupleCounts, worst: worstUses, tuples: tuples.map(\.use), map: map,
      addresses: sources.found.map { Snat.AddressCount($0.key, connections: $0.value) }
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
  /// Of so many as are asked for, the least bad one.
  private var last: SnatUse?

  init(limit: Int?) {
    self.limit = limit
  }

  mutating func insert(_ use: SnatUse, _ number: Int) {
    if let last, !use.isWorse(than: last) { return }
    uses.append((use, number))
    if let limit, uses.count >= max(2 * limit, 64) {
      uses = sorted()
      last = uses.last?.use
    }
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

extension PortRange {
  fileprivate static let everyPort = PortRange(first: 0, last: 65535) ?? .linuxDefault
}
