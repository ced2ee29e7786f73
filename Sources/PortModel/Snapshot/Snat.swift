/// Address translation in one namespace: how full its pools of ports are, and how likely the next connection is to find none.
package struct Snat: CollectedValue {
  /// What the rules hand out; one that is assumed where they may not be read.
  package let pools: [SnatPool]
  /// What the connection tracking table holds; `nil` if it has so few entries that no search for a port can fail and no tuple be half full, so that
  /// nobody looked.
  package let table: Table?
  /// The fewest ports that a rule hands out to one tuple, by protocol and family; nothing where that is not known.
  package let smallest: [PoolKey: Int]

  package init(pools: [SnatPool], table: Table?) {
    self.pools = pools
    self.table = table
    var smallest: [PoolKey: Int] = [:]
    for transport in TrackedProtocol.translated {
      for family in AddressFamily.allCases {
        let ranges = pools.filter { ($0.transports.isEmpty || $0.transports.contains(transport)) && ($0.family ?? family) == family }
          .map { $0.range(for: transport) }
        let known = ranges.compactMap { $0?.count }
        // Without a rule for it there is nothing to run out of, and the kernel's default is as good a number as any.
        if ranges.isEmpty || known.count == ranges.count {
          smallest[PoolKey(transport, family)] = known.min() ?? SnatPool.assumed.range(for: transport)?.count
        }
      }
    }
    self.smallest = smallest
  }

  /// Where the ports are known from.
  package var origins: Set<SnatPool.Origin> {
    Set(pools.map { $0.ports == .unreadable ? .unreadable : $0.origin })
  }

  /// Where the ports are known from, for a sentence: `rules`, `assumed, option`.
  package var originText: String { origins.isEmpty ? "no rule" : origins.map(\.rawValue).sorted().joined(separator: ", ") }

  /// A chance, 0 to 1, to a hundredth of a percent while it is small: `17%`, `1.8%`, `0.03%`, `<0.01%` for what is not quite nothing, and `100%` only for certainty.
  package static func text(chance: Double) -> String {
    if chance <= 0 { return "0%" }
    if chance < 0.0001 { return "<0.01%" }
    if chance >= 1 { return "100%" }
    let hundredths = min(9999, Int((chance * 10_000).rounded()))
    if hundredths >= 1000 { return "\(min(99, (hundredths + 50) / 100))%" }
    let (whole, tenths, rest) = (hundredths / 100, hundredths / 10 % 10, hundredths % 10)
    return "\(whole)" + (tenths == 0 && rest == 0 ? "" : rest == 0 ? ".\(tenths)" : ".\(tenths)\(rest)") + "%"
  }

  /// From this chance of failure on a tuple is in trouble: one new connection in a thousand.
  package static let failureLimit = 0.001

  /// Whether the namespace translates anything, as far as that shows: it has a rule for it, or a translated connection.
  package var isInUse: Bool {
    pools.contains { $0.origin != .assumed } || table?.connections.values.contains { $0 > 0 } == true
  }

  /// A protocol of a family.
  package struct PoolKey: Sendable, Hashable {
    package let transport: TrackedProtocol
    package let family: AddressFamily

    package init(_ transport: TrackedProtocol, _ family: AddressFamily) {
      self.transport = transport
      self.family = family
    }
  }

  /// What the entries of the connection tracking table amount to.
  package struct Table: Sendable, Hashable {
    /// Entries whose source is translated.
    package let connections: [PoolKey: Int]
    /// Tuples with such an entry.
    package let tupleCounts: [PoolKey: Int]
    /// The tuple with the greatest chance of failure, of equals the one with the least share free.
    package let worst: [PoolKey: SnatUse]
    /// The tuples in that order, at most as many as are asked for. A gateway's own connections hold ports of them too, so that not each has a
    /// translated entry.
    package let tuples: [SnatUse]
    /// Which ports the first of ``tuples`` holds; `nil` without any.
    package let map: SnatMap?
    /// Translated addresses by their connections, the most first.
    package let addresses: [AddressCount]
    /// Entries that lack an address or a port.
    package let incomplete: Int
    /// How many ports any tuple may hold beyond those counted, since there were more tuples than fit; 0 where every one did.
    package let uncountedPorts: Int

    package init(
      connections: [PoolKey: Int] = [:], tupleCounts: [PoolKey: Int] = [:], worst: [PoolKey: SnatUse] = [:], tuples: [SnatUse] = [],
      map: SnatMap? = nil, addresses: [AddressCount] = [], incomplete: Int = 0, uncountedPorts: Int = 0
    ) {
      self.connections = connections
      self.tupleCounts = tupleCounts
      self.worst = worst
      self.tuples = tuples
      self.map = map
      self.addresses = addresses
      self.incomplete = incomplete
      self.uncountedPorts = uncountedPorts
    }
  }

  /// A translated address and how many connections have it.
  package struct AddressCount: Sendable, Hashable {
    package let address: IPAddress
    package let connections: Int

    package init(_ address: IPAddress, connections: Int) {
      self.address = address
      self.connections = connections
    }
  }
}

/// How full one tuple is.
///
/// `tcp 10.2.0.1 → 10.2.0.100:80`: 40 of 100 ports, 60 left, no search can fail
package struct SnatUse: Sendable, Hashable {
  package internal(set) var tuple: SnatTuple
  /// The ports that the rule hands out; `nil` if they are not known.
  package let range: PortRange?
  /// Distinct ports of the range that are taken, closing ones among them; of all ports if no range is known.
  package let used: Int
  /// Of these, ports that only a closing connection holds and that a new one may take over.
  package let closing: Int
  /// The chance, 0 to 1, that the next connection finds no port: see ``SnatSearch``. 0 if no range is known.
  package let failure: Double

  package init(tuple: SnatTuple, range: PortRange?, used: Int, closing: Int, failure: Double) {
    self.tuple = tuple
    self.range = range
    self.used = used
    self.closing = closing
    self.failure = failure
  }

  package var capacity: Int? { range?.count }
  /// Ports that are free; `nil` if it is not known how many there are.
  package var headroom: Int? { capacity.map { max(0, $0 - used) } }
  /// The used fraction, 0 to 1; 0 if it is not known of what.
  package var share: Double { capacity.map { Double(used) / Double($0) } ?? 0 }

  /// ``failure`` as it is shown: `1.8%`; `?` if no range is known.
  package var chanceText: String { range == nil ? "?" : Snat.text(chance: failure) }

  /// Whether it is closer to failing than `other`: by the chance, then by the share, then by the ports, then by name.
  package func isWorse(than other: SnatUse) -> Bool {
    // Of a hundred thousand tuples most differ in the first two.
    if failure != other.failure { return failure > other.failure }
    let (left, right) = (share, other.share)
    if left != right { return left > right }
    return used == other.used ? tuple < other.tuple : used > other.used
  }
}

/// Which ports a tuple holds.
package struct SnatMap: Sendable, Hashable {
  package let used: PortSet
  package let closing: PortSet

  package init(used: PortSet, closing: PortSet) {
    self.used = used
    self.closing = closing
  }
}

extension SnatMap {
  /// What stands on each port of `range`: a connection, one that is closing, or nothing.
  package func cells(in range: PortRange) -> [PortUse] {
    (range.first...range.last).map { port in
      guard used.contains(port) else { return .free }
      return closing.contains(port) ? .closing : .client
    }
  }
}

extension SnatUse {
  /// Critical from where the alert is, and exhausted when every search fails.
  package var level: PressureLevel {
    if failure >= 1 { return .exhausted }
    if failure > Snat.failureLimit { return .critical }
    return share > 0.5 ? .warning : .ok
  }

  /// `tcp 10.2.0.1 → 10.2.0.100:80`
  package var title: String { "\(tuple.transport.name) \(tuple.arrow)" }
}

extension SnatMap {
  /// The most taken ports in a row, where the last port of `range` is followed by the first.
  package func longestRun(in range: PortRange) -> Int { used.cyclicRuns(in: range).map(\.count).max() ?? 0 }
}
