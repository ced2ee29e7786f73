internal import FoundationEssentials
internal import LiveView
internal import PortModel
internal import Scraper

extension LiveSnapshot {
  /// What the view shows of a document, be it this host's or one that another host sent.
  ///
  /// Another host may send anything, so numbers are brought into the bounds that ports have.
  init(_ document: SnapshotDocument) {
    let time = (try? Date(document.time, strategy: .iso8601))?.timeIntervalSince1970 ?? 0
    self.init(
      time: Int64(max(0, min(time, 1e12))), source: document.source, namespaces: document.namespaces.prefix(10_000).map(LiveNamespace.init),
      problems: document.errors.prefix(100).map(\.shortened), remarks: (document.remarks ?? []).prefix(100).map(\.shortened))
  }
}

extension LiveNamespace {
  fileprivate init(_ namespace: SnapshotDocument.Namespace) {
    let range = namespace.range.flatMap { PortRange(first: $0.first, last: $0.last) }
    let capacity = namespace.capacity.map(\.ports)
    let tuples = (namespace.tcp?.connect.tuples ?? []).prefix(1000).map(LiveTuple.init)
    let counts = namespace.tcp?.connect.tuple_count.values.map { max(0, min($0, 1 << 40)) } ?? []
    self.init(
      name: namespace.netns.shortened, note: namespace.note.shortened, range: range, capacity: capacity,
      pools: capacity.map { LivePool.pools(of: namespace, $0) } ?? [],
      connectCapacity: namespace.tcp?.connect.capacity.ports ?? 0, tuples: tuples,
      tupleCount: max(tuples.count, counts.prefix(10).reduce(0, +)),
      usages: [
        namespace.tcp.map { LiveUsage(.tcp, $0.uses, $0.map, range) }, namespace.udp.map { LiveUsage(.udp, $0.uses, $0.map, range) },
      ].compactMap(\.self),
      owners: (namespace.owners ?? []).prefix(1000).map { LiveOwner(name: $0.owner.shortened, used: $0.used_ports.ports) })
  }
}

extension LivePool {
  fileprivate static func pools(of namespace: SnapshotDocument.Namespace, _ capacity: Int) -> [LivePool] {
    var pools: [LivePool] = []
    if let tcp = namespace.tcp {
      pools.append(connect(.connectIPv4, tcp.connect, .ipv4))
      pools.append(connect(.connectIPv6, tcp.connect, .ipv6))
      pools.append(LivePool(.bindIPv4, of: capacity, left: tcp.bind.wildcard_headroom))
      pools.append(LivePool(.bindIPv6, of: capacity, left: tcp.bind.wildcard_headroom_ipv6))
    }
    if let udp = namespace.udp {
      pools.append(LivePool(.udpIPv4, of: capacity, left: udp.autobind.headroom))
      pools.append(LivePool(.udpIPv6, of: capacity, left: udp.autobind.headroom_ipv6))
    }
    return pools
  }

  /// The pool of the fullest tuple. An exporter that does not name it has it first of its family in the list.
  private static func connect(_ id: Pool.ID, _ connect: SnapshotDocument.Connect, _ family: AddressFamily) -> LivePool {
    let worst = (connect.worst?[family.name] ?? connect.tuples.first { $0.family == family }).map(LiveTuple.init)
    return LivePool(
      id, used: worst.map { $0.used - $0.reusable } ?? 0, capacity: connect.capacity.ports,
      headroom: worst?.headroom ?? connect.capacity.ports, subject: worst.map { "\($0.id.source) → \($0.id.destination)" } ?? "")
  }

  private init(_ id: Pool.ID, of capacity: Int, left: Int) {
    self.init(id, used: max(0, capacity - left.ports), capacity: capacity, headroom: left.ports)
  }
}

extension LiveTuple {
  fileprivate init(_ tuple: SnapshotDocument.Tuple) {
    let destination = tuple.destination.shortened
    self.init(
      source: tuple.source.shortened,
      destination: tuple.family == .ipv6 ? "[\(destination)]:\(tuple.port)" : "\(destination):\(tuple.port)",
      family: tuple.family, used: tuple.used.ports, reusable: tuple.reusable.ports, headroom: tuple.headroom.ports,
      returning: TupleHeadroom.returnTimes.map { (tuple.returning["\($0)"] ?? 0).ports })
  }
}

extension LiveUsage {
  fileprivate init(_ transport: TransportProtocol, _ uses: [String: Int], _ map: String?, _ range: PortRange?) {
    let counts = PortUse.held.map { ($0, (uses[$0.name] ?? 0).ports) }
    let cells = range.flatMap { range in map.flatMap { PortMapText.cells(of: $0, count: range.count) } }
    self.init(transport: transport, uses: Dictionary(uniqueKeysWithValues: counts), map: cells ?? [])
  }
}

extension SnapshotDocument.Namespace {
  /// Whose it is, and that its sockets were only counted: `pod 7f3a…, not walked: 12 TCP and 3 UDP sockets`.
  fileprivate var note: String {
    let container = identity?.container.map { "container \($0.prefix(12))" }
    var parts = [identity?.name, identity?.pod.map { "pod \($0)" }, container, identity?.unit].compactMap(\.self)
    if walked == false { parts.append("not walked" + (totals.map { ": \($0.tcp) TCP and \($0.udp) UDP sockets" } ?? "")) }
    return parts.joined(separator: ", ")
  }
}

extension SnapshotDocument.Tuple {
  fileprivate var family: AddressFamily { destination.utf8.contains(UInt8(ascii: ":")) ? .ipv6 : .ipv4 }
}

extension Int {
  /// Within what a number of ports can be.
  fileprivate var ports: Int { Swift.max(0, Swift.min(self, 65_536)) }
}

extension String {
  /// No name is longer.
  fileprivate var shortened: String { String(prefix(400)) }
}
