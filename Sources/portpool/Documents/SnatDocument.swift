internal import PortModel

extension SnapshotDocument {
  /// Address translation in one namespace.
  struct Snat: Codable, Sendable {
    /// What the rules hand out, each as it was found.
    let pools: [SnatPool]
    /// Whether the connection tracking table was read; if not, it has too few entries for a search to fail, and the rest is empty.
    let walked: Bool
    let connections: [SnatCount]
    /// The worst tuples, those with the greatest chance of failure first. One that is not listed has its whole pool.
    let tuples: [SnatTuple]
    let addresses: [SnatAddress]
    /// The ports of the first of `tuples`, as runs over its range: `.40C20T` is 40 free ports, 20 in use, and a closing one. Missing without tuples.
    let map: String?
    /// Ports that any tuple may hold beyond those counted, since there are more tuples than fit; missing if all do.
    let uncounted_ports: Int?
  }

  struct SnatPool: Codable, Sendable {
    /// Empty for all.
    let protocols: [String]
    /// `null` for both.
    let family: String?
    /// The first and the last address; `null` for that of the outgoing device.
    let addresses: [String]?
    /// `null` where the rule names no ports (1024–65535, for clients on such ports), or where they come from a map (`origin` is `unreadable`).
    let first: Port?
    let last: Port?
    let origin: String

    /// What is not there is `null`, since that says something of the rule.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(protocols, forKey: .protocols)
      try container.encode(family, forKey: .family)
      try container.encode(addresses, forKey: .addresses)
      try container.encode(first, forKey: .first)
      try container.encode(last, forKey: .last)
      try container.encode(origin, forKey: .origin)
    }
  }

  struct SnatCount: Codable, Sendable {
    let `protocol`: String
    let family: String
    let connections: Int
    let tuples: Int
  }

  struct SnatTuple: Codable, Sendable {
    let `protocol`: String
    let source: String
    let destination: String
    let port: Port
    let zone: UInt16
    /// These three are missing where the ports of the rule are not known.
    let first: Port?
    let capacity: Int?
    let headroom: Int?
    let used: Int
    let closing: Int
    let failure: Double
  }

  struct SnatAddress: Codable, Sendable {
    let address: String
    let connections: Int
  }
}

extension SnapshotDocument.Snat {
  init(_ snat: Snat) {
    pools = snat.pools.map(SnapshotDocument.SnatPool.init)
    let table = snat.table
    walked = table != nil
    connections = TrackedProtocol.allCases.flatMap { transport in
      AddressFamily.allCases.compactMap { family in
        let key = Snat.PoolKey(transport, family)
        return (table?.connections[key]).map {
          SnapshotDocument.SnatCount(
            protocol: transport.name, family: family.name, connections: $0, tuples: table?.tupleCounts[key] ?? 0)
        }
      }
    }
    tuples = (table?.tuples ?? []).map(SnapshotDocument.SnatTuple.init)
    addresses = (table?.addresses ?? []).prefix(100).map {
      SnapshotDocument.SnatAddress(address: $0.address.description, connections: $0.connections)
    }
    map = table?.map.flatMap { map in table?.tuples.first.map { PortMapText.text(of: map.cells(in: $0.range ?? SnatPool.unprivileged)) } }
    uncounted_ports = table.flatMap { $0.uncountedPorts > 0 ? $0.uncountedPorts : nil }
  }
}

extension SnapshotDocument.SnatPool {
  fileprivate init(_ pool: SnatPool) {
    protocols = pool.transports.map(\.name).sorted()
    family = pool.family?.name
    addresses = pool.addresses.map { ["\($0.lowerBound)", "\($0.upperBound)"] }
    if case .range(let range) = pool.ports { (first, last) = (range.first, range.last) } else { (first, last) = (nil, nil) }
    origin = (pool.ports == .unreadable ? .unreadable : pool.origin).rawValue
  }
}

extension SnapshotDocument.SnatTuple {
  fileprivate init(_ use: SnatUse) {
    self.protocol = use.tuple.transport.name
    source = use.tuple.source.description
    destination = use.tuple.destination.description
    port = use.tuple.destinationPort
    zone = use.tuple.zone
    first = use.range?.first
    capacity = use.capacity
    headroom = use.headroom
    used = use.used
    closing = use.closing
    failure = use.failure
  }
}
