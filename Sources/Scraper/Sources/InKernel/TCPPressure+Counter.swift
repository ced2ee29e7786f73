internal import Kernel
internal import PortModel

extension TCPPressure {
  /// What was counted in the kernel.
  ///
  /// - Parameters:
  ///   - tupleLimit: how many of the fullest tuples to keep; `nil` for all.
  ///   - zone: what a device is called.
  init(
    _ counter: borrowing SocketCounter, _ report: CountReport, _ settings: PoolSettings, tupleLimit: Int?,
    zone: (_ device: UInt32) -> String
  ) {
    let pool = settings.pool
    var map = settings.unusedPorts
    var (used, meetingIPv4, blocked, listeners, bindFirst) = (PortSet(), PortSet(), PortSet(), PortSet(), PortSet())
    counter.forEachPort(report) { port, flags in
      guard pool.contains(port) else { return }
      map[Int(port) - Int(settings.range.first)] = flags.use
      if flags.contains(.used) { used.insert(port) }
      if flags.contains(.meetsIPv4) { meetingIPv4.insert(port) }
      if flags.contains(.blocked) { blocked.insert(port) }
      if flags.contains(.chosenListener) { listeners.insert(port) }
      if flags.isBoundFirst { bindFirst.insert(port) }
    }
    let capacities = DeviceCapacities(counter, report, pool: pool, blocked: blocked, range: settings.range)
    let ranking = TupleRanking(counter, report, capacities, limit: tupleLimit)
    let connect = ConnectHeadroom(
      ranking, capacity: capacities[0], tupleCounts: report.tupleCounts, onDevice: { capacities[$0] }, zone: zone)
    self.init(
      usage: PortUsage(map: map), blocked: blocked.count, connect: connect,
      bind: BindHeadroom(counter, report, pool: pool, used: used, meetingIPv4: meetingIPv4),
      // What the others can only guess by parity: here it is known which ports programs bound before they connected.
      wrongParity: bindFirst.count - bindFirst.count(parityOf: settings.range.first), listeners: listeners,
      bindFirst: bindFirst.count, exactness: report.isExact ? .exact : .upperBound)
  }
}

extension CountReport {
  /// Whether the kernel allows what is said to be left, to the port.
  fileprivate var isExact: Bool { !missesTuples && !missesDevices && !missesOverlaps && !missesVRFPorts }
}

extension PortFlags {
  /// What holds a port of the pool.
  fileprivate var use: PortUse {
    guard !isDisjoint(with: .inUse) else { return .free }
    if contains(.listener) { return .listener }
    if contains(.bound) { return .bound }
    if contains(.local) { return .local }
    return contains(.client) ? .client : .closing
  }

  /// No connect() is given it because of programs that let the kernel choose a port at bind(), and then connected.
  fileprivate var isBoundFirst: Bool { contains(.blocked) && isDisjoint(with: .waiting) }
}

extension BindHeadroom {
  fileprivate init(_ counter: borrowing SocketCounter, _ report: CountReport, pool: PortSet, used: PortSet, meetingIPv4: PortSet) {
    let capacity = pool.count
    var (onWildcardIPv4, onWildcardIPv6) = (PortSet(), PortSet())
    counter.forEachAddress(report, where: \.isWildcard) { address, ports, meeting in
      onWildcardIPv4.formUnion(meeting)
      if !address.isIPv4 { onWildcardIPv6.formUnion(ports) }
    }
    var list: [Address] = []
    counter.forEachAddress(report, where: { !$0.isWildcard }) { address, ports, _ in
      var taken = address.isIPv4 ? onWildcardIPv4 : onWildcardIPv6
      taken.formUnion(ports)
      list.append(Address(address: address, headroom: capacity - taken.count))
    }
    list.sort { ($0.headroom, $0.address) < ($1.headroom, $1.address) }
    self.init(
      wildcard: capacity - meetingIPv4.count, wildcardIPv6: capacity - used.count, addresses: list, isComplete: !report.missesAddresses,
      other: capacity - onWildcardIPv4.count, otherIPv6: capacity - onWildcardIPv6.count)
  }
}
