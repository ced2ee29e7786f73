internal import FoundationEssentials
internal import PortModel
internal import Scraper

extension SnapshotDocument {
  init(_ snapshot: PoolSnapshot) {
    time = Date(timeIntervalSince1970: Double(snapshot.time)).formatted(.iso8601)
    source = snapshot.source?.rawValue ?? "none"
    namespaces = snapshot.namespaces.map(Namespace.init)
    errors = snapshot.problems
    remarks = snapshot.remarks.isEmpty ? nil : snapshot.remarks
    census = snapshot.census.map(Census.init)
  }
}

extension SnapshotDocument.Namespace {
  init(_ namespace: NamespaceSnapshot) {
    netns = namespace.name
    walked = namespace.visit?.isWalked
    totals = (namespace.visit?.totals).map(SnapshotDocument.Totals.init)
    identity = (namespace.visit?.identity).map(SnapshotDocument.Identity.init)
    owners = namespace.owners?.map { SnapshotDocument.Owner(owner: $0.owner, used_ports: $0.usedPorts) }
    range = namespace.settings.map { SnapshotDocument.Range(first: $0.range.first, last: $0.range.last) }
    reserved = namespace.settings?.reservedInRange
    capacity = namespace.capacity
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
  }
}

extension SnapshotDocument.TCP {
  init(_ pressure: TCPPressure) {
    used = pressure.usage.used
    uses = pressure.usage.byName
    map = PortMapText.text(of: pressure.usage.map)
    blocked = pressure.blocked
    wrong_parity = pressure.wrongParity
    unreserved_listeners = pressure.listeners.ports
    connect = SnapshotDocument.Connect(
      capacity: pressure.connect.capacity,
      first_parity_capacity: pressure.connect.firstParityCapacity,
      tuple_count: Dictionary(uniqueKeysWithValues: pressure.connect.tupleCounts.map { ($0.name, $1) }),
      worst: Dictionary(uniqueKeysWithValues: pressure.connect.worst.map { ($0.name, SnapshotDocument.Tuple($1)) }),
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
    source = tuple.tuple.source.description
    destination = tuple.tuple.destination.description
    port = tuple.tuple.destinationPort
    used = tuple.used
    reusable = tuple.reusable
    headroom = tuple.headroom
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
