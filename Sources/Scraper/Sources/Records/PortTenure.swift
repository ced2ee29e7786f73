internal import PortModel

/// How long UDP ports have been held, each by one socket. It tells a server's port from one that a resolver (unbound, dnsmasq) picks for a query,
/// or a media relay for a call: all of them are bound by number and receive from anyone, and no single look shows a difference.
///
/// A server keeps one socket on one port, so its port counts once that socket has been there for ``serverAge``. A user with more than
/// ``UDPPressure/mostServerPorts`` such ports picks them, however long they last. What this cannot know: up to so many calls of a relay that last longer
/// are counted, and servers of a user with more ports are not.
///
/// Bounded by ports, however many sockets share one. That a namespace was not looked at for a while does no harm: a socket is known by its inode.
struct PortTenure: Sendable {
  static let serverAge = Duration.seconds(600)

  /// The socket that a port is known by, and its user.
  struct Holder: Sendable, Hashable {
    let inode: UInt64
    let uid: UInt32

    init(inode: UInt64, uid: UInt32) {
      self.inode = inode
      self.uid = uid
    }

    init(_ record: SocketRecord) { self.init(inode: record.inode, uid: record.uid) }
  }

  private let start: ContinuousClock.Instant
  private var holders: [Port: (holder: Holder, since: ContinuousClock.Instant)] = [:]

  /// - Parameter start: when the first look was taken.
  init(from start: ContinuousClock.Instant) {
    self.start = start
  }

  /// The socket that `port` was known by at the last look.
  func holder(of port: Port) -> Holder? { holders[port]?.holder }

  /// Takes what was seen at `now` in place of what was seen before.
  mutating func update(_ current: [Port: Holder], at now: ContinuousClock.Instant) {
    var next: [Port: (holder: Holder, since: ContinuousClock.Instant)] = [:]
    for (port, holder) in current {
      let known = holders[port]
      next[port] = (holder, known?.holder == holder ? known?.since ?? now : now)
    }
    holders = next
  }

  /// The ports that servers wait on; `nil` as long as not even the first look is `age` ago.
  func servers(at now: ContinuousClock.Instant, age: Duration = serverAge) -> PortSet? {
    guard now - start >= age else { return nil }
    var counts: [UInt32: Int] = [:]
    for entry in holders.values { counts[entry.holder.uid, default: 0] += 1 }
    var servers = PortSet()
    for (port, entry) in holders where now - entry.since >= age && counts[entry.holder.uid, default: 0] <= UDPPressure.mostServerPorts {
      servers.insert(port)
    }
    return servers
  }
}
