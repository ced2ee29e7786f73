import PortModel

/// The definitions of headroom, counted the slow and plain way: sets of ports, one for each question.
struct ReferenceCount {
  let pool: Set<Port>
  let first: Port
  let reuse: TimeWaitReuse
  /// Distinct sockets: a repeated row is the same socket.
  let sockets: Set<SocketLine>
  private let inPool: [SocketLine]

  let used: Set<Port>
  let blocked: Set<Port>
  let capacity: Int
  let firstParityCapacity: Int
  /// The sockets of each tuple by their port; a tuple and a port name one socket.
  let tuples: [Tuple: [Port: SocketLine]]

  init(pool: Set<Port>, first: Port, reuse: TimeWaitReuse, sockets: Set<SocketLine>) {
    self.pool = pool
    self.first = first
    self.reuse = reuse
    self.sockets = sockets
    inPool = sockets.filter { pool.contains($0.localPort) }
    used = Set(inPool.map(\.localPort))
    let blocked = Set(inPool.filter { $0.state == .listen }.map(\.localPort))
    self.blocked = blocked
    capacity = pool.subtracting(blocked).count
    firstParityCapacity = pool.subtracting(blocked).count { ($0 ^ first) & 1 == 0 }
    var tuples: [Tuple: [Port: SocketLine]] = [:]
    for socket in inPool where !blocked.contains(socket.localPort) {
      let tuple = Tuple(source: Address.of(socket.local), destination: Address.of(socket.remote), destinationPort: socket.remotePort)
      tuples[tuple, default: [:]][socket.localPort] = socket
    }
    self.tuples = tuples
  }

  func isFirstParity(_ port: Port) -> Bool { (port ^ first) & 1 == 0 }

  func isReusable(_ socket: SocketLine) -> Bool {
    guard socket.state == .timeWait, reuse.hasTimestamps, 60_000 - Int(socket.timeWaitRemaining) > Int(reuse.delay) else { return false }
    let isLoopback = Address.of(socket.local).isLoopback || Address.of(socket.remote).isLoopback
    return reuse.mode == .always || (reuse.mode == .loopbackOnly && isLoopback)
  }

  /// The ports of a tuple that connect() cannot be given.
  func held(_ ports: [Port: SocketLine]) -> [Port] { ports.filter { !isReusable($0.value) }.map(\.key) }

  func returning(_ ports: [Port: SocketLine], within seconds: Int) -> Int {
    ports.values.count { $0.state == .timeWait && $0.timeWaitRemaining <= seconds * 1000 }
  }

  var wrongParity: Int {
    var wrong: Set<Port> = []
    for ports in tuples.values where held(ports).count(where: isFirstParity) < firstParityCapacity {
      wrong.formUnion(ports.keys.filter { !isFirstParity($0) })
    }
    return wrong.count
  }

  /// What holds each used port, on a host with these addresses.
  func uses(own: Set<IPAddress>) -> [Port: PortUse] {
    Dictionary(grouping: inPool, by: \.localPort).mapValues { sockets in
      if sockets.contains(where: { $0.state == .listen }) { return .listener }
      let peers = sockets.filter { $0.inode != 0 }.map { Address.of($0.remote) }
      if peers.contains(where: { $0.isLoopback || own.contains($0) }) { return .local }
      return peers.isEmpty ? .closing : .client
    }
  }

  /// Automatic binds left on one address, or on a wildcard.
  func bindHeadroom(_ address: IPAddress) -> Int {
    func isIPv6OnlyListener(_ socket: SocketLine) -> Bool {
      let local = Address.of(socket.local)
      return socket.state == .listen && !local.isIPv4 && !local.isWildcard
    }
    let listeners = Set(inPool.filter(isIPv6OnlyListener).map(\.localPort))
    let taken = inPool.filter { socket in
      let local = Address.of(socket.local)
      let isAccepted = socket.state != .listen && socket.state != .close && !local.isIPv4 && listeners.contains(socket.localPort)
      let isIPv6Only = isIPv6OnlyListener(socket) || isAccepted
      if address == .anyIPv6 || local == address { return true }
      if address == .anyIPv4 { return !isIPv6Only }
      return local.isWildcard && (local == .anyIPv6 || address.isIPv4)
    }
    return pool.count - Set(taken.map(\.localPort)).count
  }
}
