internal import FoundationEssentials
package import PortModel

extension SnapshotDocument {
  package init(_ snapshot: PoolSnapshot) {
    time = Date(timeIntervalSince1970: Double(snapshot.time)).formatted(.iso8601)
    source = snapshot.source?.rawValue ?? Self.noSource
    namespaces = snapshot.namespaces.map(Namespace.init)
    errors = snapshot.problems
    remarks = snapshot.remarks.isEmpty ? nil : snapshot.remarks
    census = snapshot.census.map(Census.init)
    refusals = snapshot.refusals.map(Refusals.init)
  }
}

extension SnapshotDocument.Namespace {
  init(_ namespace: NamespaceSnapshot) {
    netns = namespace.name
    walked = namespace.visit?.isWalked
    totals = (namespace.visit?.totals).map(SnapshotDocument.Totals.init)
    identity = (namespace.visit?.identity).map(SnapshotDocument.Identity.init)
    owners = namespace.owners?.map { SnapshotDocument.Owner(owner: $0.owner, used_ports: $0.usedPorts) }
    let (range, capacity) = (namespace.range, namespace.capacity)
    self.range = range.map { SnapshotDocument.Range(first: $0.first, last: $0.last) }
    reserved = range.flatMap { range in capacity.map { range.count - $0 } }
    self.capacity = capacity
    sockets = namespace.socketCounts.map {
      SnapshotDocument.Sockets(
        protocol: $0.transport.name, family: $0.family.name, range: $0.range.name, state: $0.state, count: $0.count)
    }
    ranges = namespace.namedRangeCounts.map {
      SnapshotDocument.NamedRangeSockets(
        protocol: $0.transport.name, range: $0.range.name, first: $0.range.ports.first, last: $0.range.ports.last, count: $0.count)
    }
    tcp = namespace.tcp?.pressure.map(SnapshotDocument.TCP.init)
    udp = namespace.udp?.pressure.map(SnapshotDocument.UDP.init)
    snat = namespace[Snat.self].map(SnapshotDocument.Snat.init)
  }
}

extension SnapshotDocument.Census {
  init(_ census: NamespaceCensus) {
    walked = census.walked
    calm = census.calm
    skipped = census.skipped
    excluded = census.excluded
    unreadable = census.unreadable
    skipped_sockets = SnapshotDocument.Totals(census.skippedSockets)
  }
}

extension SnapshotDocument.Totals {
  init(_ totals: SocketTotals) {
    tcp = totals.tcp
    udp = totals.udp
  }
}

extension SnapshotDocument.Identity {
  init(_ identity: NamespaceIdentity) {
    func known(_ text: String) -> String? { text.isEmpty ? nil : text }
    name = known(identity.name)
    pod = known(identity.pod)
    container = known(identity.container)
    unit = known(identity.unit)
  }
}

extension SnapshotDocument.TCP {
  init(_ pressure: TCPPressure) {
    used = pressure.usage.used
    uses = pressure.usage.byName
    map = PortMapText.text(of: pressure.usage.map)
    blocked = pressure.blocked
    wrong_parity = pressure.wrongParity
    bind_first = pressure.bindFirst
    exactness = pressure.exactness == .exact ? pressure.exactness.rawValue : nil
    unreserved_listeners = pressure.listeners.ports
    connect = SnapshotDocument.Connect(
      capacity: pressure.connect.capacity,
      first_parity_capacity: pressure.connect.firstParityCapacity,
      tuple_count: Dictionary(uniqueKeysWithValues: pressure.connect.tupleCounts.map { ($0.name, $1) }),
      worst: Dictionary(uniqueKeysWithValues: pressure.connect.worst.map { ($0.name, SnapshotDocument.Tuple($1)) }),
      pessimistic: Dictionary(uniqueKeysWithValues: pressure.connect.pessimistic.map { ($0.name, SnapshotDocument.Tuple($1)) }),
      tuples: pressure.connect.tuples.map(SnapshotDocument.Tuple.init))
    bind = SnapshotDocument.Bind(
      wildcard_headroom: pressure.bind.wildcard,
      wildcard_headroom_ipv6: pressure.bind.wildcardIPv6,
      addresses: pressure.bind.addresses.map { SnapshotDocument.Address(address: $0.address.description, headroom: $0.headroom) },
      addresses_complete: pressure.bind.isComplete,
      other_headroom: pressure.bind.other,
      other_headroom_ipv6: pressure.bind.otherIPv6)
  }
}

extension SnapshotDocument.Tuple {
  init(_ tuple: TupleHeadroom) {
    source = tuple.tuple.sourceText
    destination = tuple.tuple.destination.description
    port = tuple.tuple.destinationPort
    used = tuple.used
    reusable = tuple.reusable
    headroom = tuple.headroom
    least_headroom = tuple.leastHeadroom
    timestamps = tuple.usesTimestamps
    first_parity_free = tuple.firstParityFree
    returning = Dictionary(uniqueKeysWithValues: zip(TupleHeadroom.returnTimes.map { "\($0)" }, tuple.returning))
  }
}

extension SnapshotDocument.UDP {
  init(_ pressure: UDPPressure) {
    used = pressure.usage.used
    uses = pressure.usage.byName
    map = PortMapText.text(of: pressure.usage.map)
    autobind = SnapshotDocument.Autobind(headroom: pressure.headroom, headroom_ipv6: pressure.headroomIPv6)
    unreserved_listeners = pressure.listeners?.ports
  }
}

extension PortUsage {
  fileprivate var byName: [String: Int] {
    Dictionary(uniqueKeysWithValues: PortUse.held.map { ($0.name, self[$0]) })
  }
}
