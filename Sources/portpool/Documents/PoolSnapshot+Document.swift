internal import FoundationEssentials
package import PortModel

extension PoolSnapshot {
  /// The pools of another host, as far as its exporter's document describes them.
  ///
  /// The other host may send anything, so numbers are brought into the bounds that ports have, and texts and lists are cut. Tuples with an
  /// address that cannot be read are left out, and ``problems`` says so.
  package init(_ document: SnapshotDocument) {
    var reader = DocumentReader(refusals: document.refusals.map(Refusals.init))
    let time = (try? Date(document.time, strategy: .iso8601))?.timeIntervalSince1970 ?? 0
    let namespaces = document.namespaces.prefix(DocumentReader.namespaceLimit).map { reader.namespace($0) }
    self.init(
      time: Int64(max(0, min(time, 1e12))), namespaces: namespaces, census: document.census.map(NamespaceCensus.init),
      source: document.source == SnapshotDocument.noSource ? nil : SourceName(rawValue: document.source.bounded),
      problems: document.errors.prefix(DocumentReader.sentenceLimit).map(\.bounded) + reader.problems,
      remarks: (document.remarks ?? []).prefix(DocumentReader.sentenceLimit).map(\.bounded))
  }
}

/// Turns the namespaces of a document into values.
private struct DocumentReader {
  static let namespaceLimit = 10_000
  static let sentenceLimit = 100
  private static let listLimit = 1000

  /// Of the whole host, and kept with the exporter's own namespace.
  let refusals: Refusals?
  /// How many more port maps are unfolded. Seven bytes of text can be a map of 64 KiB; beyond these only the counts are kept.
  private var mapsLeft = 1000
  /// The first address of a tuple that could not be read.
  private var unreadableAddress: String?

  init(refusals: Refusals?) { self.refusals = refusals }

  var problems: [String] {
    unreadableAddress.map { ["some tuples are not shown: \"\($0)\" in the answer is not an IP address"] } ?? []
  }

  mutating func namespace(_ namespace: SnapshotDocument.Namespace) -> NamespaceSnapshot {
    let range = namespace.range.flatMap { PortRange(first: $0.first, last: $0.last) }
    var collected = CollectedValues()
    collected[Snat.self] = namespace.snat.map(Snat.init)
    if namespace.walked == nil { collected[Refusals.self] = refusals }
    return NamespaceSnapshot(
      name: namespace.netns.bounded, range: range, capacity: namespace.capacity.map { $0.bounded(to: range?.count ?? .allPorts) },
      tcp: tcp(namespace, range), udp: udp(namespace, range), visit: NamespaceVisit(namespace),
      owners: namespace.owners?.prefix(Self.listLimit).map {
        // Ports of TCP and UDP are counted separately.
        OwnerUsage(owner: $0.owner.bounded, usedPorts: $0.used_ports.bounded(to: 2 * .allPorts))
      }, collected: collected)
  }

  private mutating func tcp(_ namespace: SnapshotDocument.Namespace, _ range: PortRange?) -> TCPPool? {
    let counts = SocketCounts(namespace, .tcp)
    guard namespace.tcp != nil || counts != nil else { return nil }
    let bound = SocketState.close.name(.tcp)
    return TCPPool(
      sockets: counts ?? SocketCounts(),
      seesBoundOnly: namespace.sockets.contains { $0.protocol == TransportProtocol.tcp.name && $0.state == bound },
      pressure: namespace.tcp.map { pressure($0, range) })
  }

  private mutating func udp(_ namespace: SnapshotDocument.Namespace, _ range: PortRange?) -> UDPPool? {
    let counts = SocketCounts(namespace, .udp)
    guard namespace.udp != nil || counts != nil else { return nil }
    return UDPPool(
      sockets: counts ?? SocketCounts(),
      pressure: namespace.udp.map {
        UDPPressure(
          usage: usage($0.uses, $0.map, range), headroom: $0.autobind.headroom.ports, headroomIPv6: $0.autobind.headroom_ipv6.ports,
          listeners: $0.unreserved_listeners.map(PortSet.init))
      })
  }

  private mutating func pressure(_ tcp: SnapshotDocument.TCP, _ range: PortRange?) -> TCPPressure {
    TCPPressure(
      usage: usage(tcp.uses, tcp.map, range), blocked: tcp.blocked.ports, connect: connect(tcp.connect), bind: BindHeadroom(tcp.bind),
      wrongParity: tcp.wrong_parity.ports, listeners: PortSet(tcp.unreserved_listeners), bindFirst: tcp.bind_first?.ports,
      exactness: tcp.exactness.flatMap(Exactness.init) ?? .upperBound)
  }

  private mutating func usage(_ uses: [String: Int], _ map: String?, _ range: PortRange?) -> PortUsage {
    if mapsLeft > 0, let map, let range, let cells = PortMapText.cells(of: map, count: range.count) {
      mapsLeft -= 1
      return PortUsage(map: cells)
    }
    return PortUsage(counts: Dictionary(uniqueKeysWithValues: PortUse.held.map { ($0, (uses[$0.name] ?? 0).ports) }))
  }

  private mutating func connect(_ connect: SnapshotDocument.Connect) -> ConnectHeadroom {
    let tuples = connect.tuples.prefix(Self.listLimit).compactMap { tuple($0) }
    var counts: [AddressFamily: Int] = [:]
    var (worst, pessimistic): ([AddressFamily: TupleHeadroom], [AddressFamily: TupleHeadroom]) = ([:], [:])
    for family in AddressFamily.allCases {
      let listed = tuples.lazy.filter { $0.family == family }
      if let count = connect.tuple_count[family.name] ?? (listed.isEmpty ? nil : 0) {
        counts[family] = max(count.bounded(to: .allSockets), listed.count)
      }
      // An exporter that does not name the worst tuple lists it first of its family.
      worst[family] = connect.worst?[family.name].flatMap { tuple($0) } ?? listed.first
      pessimistic[family] = connect.pessimistic?[family.name].flatMap { tuple($0) } ?? worst[family]
    }
    return ConnectHeadroom(
      capacity: connect.capacity.ports, firstParityCapacity: connect.first_parity_capacity.ports, tupleCounts: counts, tuples: tuples,
      worst: worst, pessimistic: pessimistic)
  }

  private mutating func tuple(_ tuple: SnapshotDocument.Tuple) -> TupleHeadroom? {
    guard let destination = address(tuple.destination) else { return nil }
    let source = tuple.source.bounded
    guard let name = Tuple(source: source, destination: destination, destinationPort: tuple.port) else {
      if unreadableAddress == nil { unreadableAddress = source }
      return nil
    }
    let used = tuple.used.ports
    return TupleHeadroom(
      tuple: name, used: used,
      reusable: tuple.reusable.bounded(to: used), headroom: tuple.headroom.ports, firstParityFree: tuple.first_parity_free.ports,
      returning: TupleHeadroom.returnTimes.map { (tuple.returning["\($0)"] ?? 0).ports }, usesTimestamps: tuple.timestamps)
  }

  private mutating func address(_ text: String) -> IPAddress? {
    let text = text.bounded
    let address = IPAddress(text)
    if address == nil, unreadableAddress == nil { unreadableAddress = text }
    return address
  }
}

extension BindHeadroom {
  fileprivate init(_ bind: SnapshotDocument.Bind) {
    let addresses = bind.addresses.prefix(256).compactMap { entry in
      IPAddress(entry.address.bounded).map { Address(address: $0, headroom: entry.headroom.ports) }
    }
    self.init(
      wildcard: bind.wildcard_headroom.ports, wildcardIPv6: bind.wildcard_headroom_ipv6.ports, addresses: addresses,
      isComplete: bind.addresses_complete && addresses.count == bind.addresses.count, other: bind.other_headroom.ports,
      otherIPv6: bind.other_headroom_ipv6.ports)
  }
}

extension SocketCounts {
  /// `nil` if the document has no counts of the transport.
  fileprivate init?(_ namespace: SnapshotDocument.Namespace, _ transport: TransportProtocol) {
    let rows = namespace.sockets.filter { $0.protocol == transport.name }
    let ranges = namespace.ranges.filter { $0.protocol == transport.name }.prefix(100)
    guard !rows.isEmpty || !ranges.isEmpty else { return nil }
    self.init(
      namedCounts: ranges.compactMap { row in
        PortRange(first: row.first, last: row.last).map { ports in
          (NamedRange(name: row.range.bounded, ports: ports), row.count.bounded(to: .allSockets))
        }
      })
    for row in rows {
      guard let family = AddressFamily.allCases.first(where: { $0.name == row.family }),
        let range = IANARange.allCases.first(where: { $0.name == row.range })
      else { continue }
      // What has no name here is counted as unknown, as a state of a newer kernel is.
      let state = (1..<13).lazy.map(SocketState.init(rawValue:)).first { $0.name(transport) == row.state } ?? SocketState(rawValue: .max)
      self[family, range, state] = row.count.bounded(to: .allSockets)
    }
  }
}

extension NamespaceVisit {
  /// `nil` for the exporter's own namespace.
  fileprivate init?(_ namespace: SnapshotDocument.Namespace) {
    guard let isWalked = namespace.walked else { return nil }
    let identity = namespace.identity
    self.init(
      id: nil,
      identity: NamespaceIdentity(
        name: identity?.name?.bounded ?? "", pod: identity?.pod?.bounded ?? "", container: identity?.container?.bounded ?? "",
        unit: identity?.unit?.bounded ?? ""),
      totals: SocketTotals(namespace.totals), isWalked: isWalked)
  }
}

extension SocketTotals {
  /// The document does not say how many sockets hold a port: at least these do.
  fileprivate init(_ totals: SnapshotDocument.Totals?) {
    let (tcp, udp) = (min(totals?.tcp ?? 0, UInt64(Int.allSockets)), min(totals?.udp ?? 0, UInt64(Int.allSockets)))
    self.init(tcp: tcp, udp: udp, holders: tcp + udp)
  }
}

extension NamespaceCensus {
  fileprivate init(_ census: SnapshotDocument.Census) {
    self.init()
    walked = census.walked.bounded(to: .allSockets)
    calm = census.calm.bounded(to: .allSockets)
    skipped = census.skipped.bounded(to: .allSockets)
    excluded = census.excluded.bounded(to: .allSockets)
    unreadable = census.unreadable.bounded(to: .allSockets)
    skippedSockets = SocketTotals(census.skipped_sockets)
  }
}

extension PortSet {
  fileprivate init(_ ports: [Port]) {
    self.init()
    for port in ports { insert(port) }
  }
}

extension Int {
  static let allPorts = 65_536
  /// More than any kernel has.
  static let allSockets = 1 << 40

  func bounded(to maximum: Int) -> Int { Swift.max(0, Swift.min(self, maximum)) }

  /// Within what a number of ports can be.
  var ports: Int { bounded(to: .allPorts) }
}

extension String {
  /// At most 400 bytes, cut between scalars. A character has no such bound: any number of combining marks are one.
  var bounded: String {
    guard utf8.count > 400 else { return self }
    var end = utf8.index(startIndex, offsetBy: 400)
    while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(unicodeScalars[..<end])
  }
}
