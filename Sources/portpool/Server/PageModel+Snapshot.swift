internal import Endpoint
internal import FoundationEssentials
internal import Inspector
internal import Kernel
internal import PortModel
internal import Scraper

extension PageModel {
  /// The page of `snapshot`.
  init(_ snapshot: PoolSnapshot, portsAtRisk: [Port]) {
    self.init(
      host: HostName.current, version: "\(BuildInfo.current.version) (\(BuildInfo.current.revision))",
      time: Date(timeIntervalSince1970: Double(snapshot.time)).formatted(.iso8601),
      namespaces: snapshot.namespaces.map { PageNamespace($0, source: snapshot.source) },
      warnings: portsAtRisk.map { port in
        PageWarning(
          text: "The exporter's own port \(port) lies in the pool and is not reserved: an outgoing connection can take it.",
          remedy: (snapshot.namespaces.first?.settings).map { SysctlLine.reserving([port], in: $0).command } ?? "")
      })
  }
}

extension PageNamespace {
  init(_ namespace: NamespaceSnapshot, source: SourceName?) {
    let tcp = namespace.tcp?.pressure
    let udp = namespace.udp?.pressure
    let first = Int(namespace.settings?.range.first ?? 0)
    self.init(
      name: namespace.name,
      maps: [("TCP", tcp?.usage), ("UDP", udp?.usage)].compactMap { name, usage in
        usage.map { PortMap(name: name, first: first, kinds: $0.map.map(PortKind.init)) }
      },
      pools: namespace.poolRows.map(PagePool.init),
      tuples: tcp?.connect.tuples.prefix(15).map { PageTuple($0, capacity: tcp?.connect.capacity ?? 0) } ?? [],
      listeners: [("tcp", tcp?.listeners), ("udp", udp?.listeners)].flatMap { transport, ports in
        (ports?.ports ?? []).prefix(50).map { PageListener(transport: transport, port: Int($0)) }
      },
      facts: namespace.facts(source: source).map { PageRow(name: $0.name, value: $0.value, isGood: $0.isGood) },
      warnings: namespace.outcomes.compactMap(\.problem).map { PageWarning(text: $0) })
  }
}

extension PagePool {
  init(_ row: PoolRow) {
    self.init(name: row.name, used: row.used, capacity: row.capacity, headroom: row.headroom, error: row.error, note: row.note)
  }
}

extension PageTuple {
  init(_ tuple: TupleHeadroom, capacity: Int) {
    self.init(
      source: tuple.tuple.source.description, destination: tuple.tuple.destination.description,
      port: Int(tuple.tuple.destinationPort), used: tuple.used, capacity: capacity, headroom: tuple.headroom,
      returning: zip(TupleHeadroom.returnTimes, tuple.returning).map { Returning(seconds: $0, ports: $1) })
  }
}

extension PortKind {
  init(_ cell: PortUse) {
    switch cell {
    case .free: self = .free
    case .client: self = .client
    case .local: self = .local
    case .listener: self = .listener
    case .bound: self = .bound
    case .closing: self = .closing
    case .reserved: self = .reserved
    }
  }
}
