/// The state of every pool that was looked at, at one moment: the one value that metrics, JSON, tables, pages and findings are drawn from.
package struct PoolSnapshot: Sendable, Hashable {
  /// When it was taken, in seconds since 1970.
  package let time: Int64
  /// The exporter's own namespace first.
  package internal(set) var namespaces: [NamespaceSnapshot]
  /// How many other namespaces there are; `nil` if the collector was off.
  package let census: NamespaceCensus?
  /// Where the sockets came from; `nil` if none could be read.
  package let source: SourceName?
  /// What went wrong, a sentence each; empty when everything was read.
  package let problems: [String]
  /// What is worth knowing without being a failure, such as a missing right.
  package let remarks: [String]
  /// What is known of the kernel; nothing of another host's.
  package let abilities: KernelAbilities

  /// A snapshot of this host, whose source, problems and remarks are those of the collectors.
  package init(
    time: Int64, namespaces: [NamespaceSnapshot], census: NamespaceCensus? = nil, abilities: KernelAbilities = KernelAbilities()
  ) {
    let outcomes = Self.own(namespaces)?.outcomes ?? []
    self.init(
      time: time, namespaces: namespaces, census: census, source: outcomes.lazy.compactMap(\.source).first,
      problems: outcomes.compactMap(\.problem), remarks: outcomes.compactMap(\.remark), abilities: abilities)
  }

  /// A snapshot of another host, which reports its source, problems and remarks but not the collectors they come from.
  package init(
    time: Int64, namespaces: [NamespaceSnapshot], census: NamespaceCensus?, source: SourceName?, problems: [String], remarks: [String],
    abilities: KernelAbilities = KernelAbilities()
  ) {
    self.time = time
    self.namespaces = namespaces
    self.census = census
    self.source = source
    self.problems = problems
    self.remarks = remarks
    self.abilities = abilities
  }

  /// The namespace that the exporter runs in; `nil` only in a snapshot of nothing.
  package var own: NamespaceSnapshot? { Self.own(namespaces) }

  private static func own(_ namespaces: [NamespaceSnapshot]) -> NamespaceSnapshot? { namespaces.first { $0.visit == nil } }

  /// How each collector fared. The collector `namespaces` answers for all namespaces but the exporter's own.
  package var outcomes: [CollectorOutcome] { own?.outcomes ?? [] }

  /// The pool closest to exhaustion over all namespaces, and where it is; `nil` where no pool is known.
  package var worstPool: (namespace: NamespaceSnapshot, pool: Pool)? {
    let pools = namespaces.compactMap { namespace in namespace.worstPool.map { (namespace, $0) } }
    return pools.min { $0.1.isCloserToExhaustion(than: $1.1) }
  }
}

/// One network namespace: its settings, and its pools as far as they could be read.
package struct NamespaceSnapshot: Sendable, Hashable {
  /// The label value: `host`, a name below `/run/netns`, or the inode number.
  package let name: String
  /// `nil` when the settings could not be read, and for a namespace of another host, whose range and capacity alone are known.
  package let settings: PoolSettings?
  /// `nil` when the settings could not be read; then there are counts and no headroom.
  package let range: PortRange?
  /// The range minus its reserved ports.
  package let capacity: Int?
  /// Ranges that the user named; they may overlap. Empty for a namespace of another host.
  package let namedRanges: [NamedRange]
  /// `nil` when the collector is off or failed.
  package internal(set) var tcp: TCPPool?
  package let udp: UDPPool?
  package let outcomes: [CollectorOutcome]
  /// `nil` for the namespace that the exporter runs in.
  package let visit: NamespaceVisit?
  /// Who holds the pool ports; `nil` when the collector is off or failed.
  package let owners: [OwnerUsage]?
  /// What further collectors found, by type: see ``subscript(_:)``.
  package internal(set) var collected: CollectedValues

  package init(
    name: String, settings: PoolSettings?, namedRanges: [NamedRange] = [], tcp: TCPPool?, udp: UDPPool?, outcomes: [CollectorOutcome],
    visit: NamespaceVisit? = nil, owners: [OwnerUsage]? = nil, collected: CollectedValues = CollectedValues()
  ) {
    self.name = name
    self.settings = settings
    range = settings?.range
    capacity = settings?.capacity
    self.namedRanges = namedRanges
    self.tcp = tcp
    self.udp = udp
    self.outcomes = outcomes
    self.visit = visit
    self.owners = owners
    self.collected = collected
  }

  /// A namespace of another host.
  package init(
    name: String, range: PortRange?, capacity: Int?, tcp: TCPPool?, udp: UDPPool?, visit: NamespaceVisit?, owners: [OwnerUsage]?,
    collected: CollectedValues = CollectedValues()
  ) {
    self.name = name
    settings = nil
    self.range = range
    self.capacity = capacity
    namedRanges = []
    self.tcp = tcp
    self.udp = udp
    outcomes = []
    self.visit = visit
    self.owners = owners
    self.collected = collected
  }

  /// What a collector found: `namespace[Conntrack.self]`; `nil` if it is off or failed, or found nothing.
  package subscript<Value: CollectedValue>(type: Value.Type) -> Value? { collected[type] }

  /// The namespace with `value` added, if there is one.
  package func adding<Value: CollectedValue>(_ value: Value?) -> NamespaceSnapshot {
    guard let value else { return self }
    var collected = collected
    collected[Value.self] = value
    return NamespaceSnapshot(
      name: name, settings: settings, namedRanges: namedRanges, tcp: tcp, udp: udp, outcomes: outcomes, visit: visit, owners: owners,
      collected: collected)
  }

  /// How close a tuple is to exhaustion, judged as the pool of connect() is: by what is left of the whole pool, whatever took the rest.
  package func level(of tuple: TupleHeadroom) -> PressureLevel {
    PressureLevel(headroom: tuple.headroom, capacity: capacity ?? tcp?.pressure?.connect.capacity ?? 0)
  }

  /// The pools that can run out, connect() first; empty when the settings are unknown.
  package var pools: [Pool] {
    guard let capacity else { return [] }
    var pools: [Pool] = []
    if let tcp = tcp?.pressure {
      pools += [Pool.ID.connectIPv4, .connectIPv6].map { id in
        let worst = tcp.connect.worst[id.family]
        return Pool(
          id, capacity: capacity, headroom: worst?.headroom ?? tcp.connect.capacity, worst: worst?.tuple,
          pessimistic: tcp.connect.pessimistic[id.family])
      }
      pools.append(Pool(.bindIPv4, capacity: capacity, headroom: tcp.bind.wildcard))
      pools.append(Pool(.bindIPv6, capacity: capacity, headroom: tcp.bind.wildcardIPv6))
    }
    if let udp = udp?.pressure {
      pools.append(Pool(.udpIPv4, capacity: capacity, headroom: udp.headroom))
      pools.append(Pool(.udpIPv6, capacity: capacity, headroom: udp.headroomIPv6))
    }
    return pools
  }

  /// The pool closest to exhaustion, the first of equals; `nil` where no pool is known.
  package var worstPool: Pool? { pools.min { $0.isCloserToExhaustion(than: $1) } }
}
