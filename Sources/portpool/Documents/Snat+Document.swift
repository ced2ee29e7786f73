internal import PortModel

extension Snat {
  /// Address translation of another host, as far as its exporter's document describes it. Numbers are brought into the bounds that ports have; a tuple or
  /// an address that cannot be read is left out.
  init(_ document: SnapshotDocument.Snat) {
    self.init(
      pools: document.pools.prefix(Self.documentLimit).compactMap(SnatPool.init), table: document.walked ? Table(document) : nil)
  }

  /// The longest list that is taken from a document.
  fileprivate static let documentLimit = 1000
}

extension Snat.Table {
  fileprivate init(_ document: SnapshotDocument.Snat) {
    var (connections, counts): ([Snat.PoolKey: Int], [Snat.PoolKey: Int]) = ([:], [:])
    for count in document.connections {
      guard let transport = TrackedProtocol(name: count.protocol), let family = AddressFamily(name: count.family) else { continue }
      let key = Snat.PoolKey(transport, family)
      connections[key] = count.connections.bounded(to: .allSockets)
      counts[key] = count.tuples.bounded(to: .allSockets)
    }
    let tuples = document.tuples.prefix(Snat.documentLimit).compactMap(SnatUse.init)
    var worst: [Snat.PoolKey: SnatUse] = [:]
    for use in tuples where use.range != nil {
      let key = Snat.PoolKey(use.tuple.transport, use.tuple.family)
      if worst[key].map({ use.isWorse(than: $0) }) ?? true { worst[key] = use }
    }
    // The map is that of the first tuple of the document, whether that could be read or not.
    let range = tuples.first?.range ?? SnatPool.unprivileged
    let cells = document.tuples.first.flatMap(SnatUse.init) == tuples.first ? document.map : nil
    self.init(
      connections: connections, tupleCounts: counts, worst: worst, tuples: tuples,
      map: cells.flatMap { PortMapText.cells(of: $0, count: range.count) }.map { SnatMap(cells: $0, from: range.first) },
      addresses: document.addresses.prefix(Snat.documentLimit).compactMap { entry in
        IPAddress(entry.address.bounded).map { Snat.AddressCount($0, connections: entry.connections.bounded(to: .allSockets)) }
      }, incomplete: 0, uncountedPorts: (document.uncounted_ports ?? 0).ports)
  }
}

extension SnatPool {
  /// `nil` if its addresses cannot be read: nothing is known of which tuples it is for.
  fileprivate init?(_ document: SnapshotDocument.SnatPool) {
    let addresses = document.addresses?.prefix(2).compactMap { IPAddress($0.bounded) }
    guard addresses.map({ $0.count == 2 && $0[0] <= $0[1] }) ?? true else { return nil }
    let range = document.first.flatMap { first in document.last.flatMap { PortRange(first: first, last: $0) } }
    let origin = Origin(rawValue: document.origin) ?? .assumed
    self.init(
      transports: Set(document.protocols.prefix(10).compactMap { TrackedProtocol(name: $0) }),
      family: document.family.flatMap { AddressFamily(name: $0) }, addresses: addresses.map { $0[0]...$0[1] },
      ports: range.map { .range($0) } ?? (origin == .unreadable ? .unreadable : .every), origin: origin == .unreadable ? .rules : origin)
  }
}

extension SnatUse {
  fileprivate init?(_ document: SnapshotDocument.SnatTuple) {
    guard let transport = TrackedProtocol(name: document.protocol), let source = IPAddress(document.source.bounded),
      let destination = IPAddress(document.destination.bounded)
    else { return nil }
    let range = document.first.flatMap { first in
      document.capacity.flatMap { PortRange(first: first, last: Port(clamping: Int(first) + $0.bounded(to: .allPorts) - 1)) }
    }
    let used = document.used.bounded(to: range?.count ?? .allPorts)
    self.init(
      tuple: SnatTuple(transport: transport, source: source, destination: destination, destinationPort: document.port, zone: document.zone),
      range: range, used: used, closing: document.closing.bounded(to: used), failure: max(0, min(1, document.failure)))
  }
}

extension SnatMap {
  /// - Parameter first: the port of the first cell.
  fileprivate init(cells: [PortUse], from first: Port) {
    var (used, closing) = (PortSet(), PortSet())
    for (offset, cell) in cells.enumerated() where cell == .client || cell == .closing {
      let port = Port(clamping: Int(first) + offset)
      used.insert(port)
      if cell == .closing { closing.insert(port) }
    }
    self.init(used: used, closing: closing)
  }
}

extension TrackedProtocol {
  fileprivate init?(name: String) {
    guard let transport = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = transport
  }
}

extension AddressFamily {
  fileprivate init?(name: String) {
    guard let family = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = family
  }
}
