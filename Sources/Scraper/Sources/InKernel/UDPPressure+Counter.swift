internal import Kernel
internal import PortModel

extension UDPPressure {
  /// What was counted in the kernel.
  ///
  /// - Parameter servers: the ports that servers wait on; `nil` where that is not known.
  init(_ counter: borrowing SocketCounter, _ report: CountReport, _ settings: PoolSettings, servers: PortSet?) {
    let pool = settings.pool
    var map = settings.unusedPorts
    var (used, meetingIPv4, meetingIPv6) = (PortSet(), PortSet(), PortSet())
    counter.forEachPort(report) { port, flags in
      guard pool.contains(port), !flags.isDisjoint(with: .udpUsed) else { return }
      map[Int(port) - Int(settings.range.first)] = flags.contains(.udpBound) ? .bound : flags.contains(.udpLocal) ? .local : .client
      used.insert(port)
      if flags.contains(.udpMeetsIPv4) { meetingIPv4.insert(port) }
      if flags.contains(.udpMeetsIPv6) { meetingIPv6.insert(port) }
    }
    let capacity = pool.count
    self.init(
      usage: PortUsage(map: map), headroom: capacity - meetingIPv4.count,
      headroomIPv6: capacity - (settings.isIPv6OnlyByDefault ? meetingIPv6 : used).count, listeners: servers)
  }
}

extension PoolSettings {
  /// The range without a socket: what is not reserved is free.
  var unusedPorts: [PortUse] {
    var map = [PortUse](repeating: .free, count: range.count)
    for reserved in reservedRanges {
      for port in reserved.first...reserved.last { map[Int(port) - Int(range.first)] = .reserved }
    }
    return map
  }
}

extension PortTenure {
  /// Takes the sockets that wait on ports of their programs' choice. Of several on one port, the known one is kept.
  mutating func update(_ counter: borrowing SocketCounter, _ report: CountReport, at now: ContinuousClock.Instant) {
    var current: [Port: Holder] = [:]
    counter.forEachUDPHolder(report) { socket in
      let holder = Holder(inode: UInt64(socket.inode), uid: socket.uid)
      if current[socket.port] == nil || self.holder(of: socket.port) == holder { current[socket.port] = holder }
    }
    update(current, at: now)
  }
}
