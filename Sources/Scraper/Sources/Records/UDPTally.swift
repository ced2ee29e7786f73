internal import PortModel

/// The running count of a namespace's UDP sockets.
struct UDPTally: ~Copyable, Sendable {
  /// `nil` when the settings could not be read: sockets are counted all the same.
  private(set) var settings: PoolSettings?
  private(set) var pool = PortSet()
  private(set) var counts = SocketCounts()
  private(set) var ports = PortLedger()
  /// Ports that a program chose itself and receives on from anyone, if the source can tell.
  private(set) var chosen: [Port: PortTenure.Holder] = [:]
  /// Ports with a socket that an IPv6-only socket would meet.
  private(set) var meetingIPv6 = PortSet()

  private var localAddresses = LocalAddresses()
  private var tenure: PortTenure?

  /// Starts over for a namespace with these settings.
  ///
  /// - Parameter tenure: the sockets that ports were known by before. Of several on one port, the known one is kept.
  mutating func begin(_ namespace: NamespaceSettings?, namedRanges: [NamedRange], tenure: PortTenure?) {
    self.tenure = tenure
    settings = namespace?.pool
    localAddresses = namespace?.localAddresses ?? LocalAddresses()
    pool = namespace?.pool.pool ?? PortSet()
    counts = SocketCounts(namedRanges: namedRanges)
    restart()
  }

  /// Forgets what was counted, for a table that has to be read again.
  mutating func restart() {
    counts = SocketCounts(namedRanges: counts.namedRanges)
    ports.removeAll()
    chosen.removeAll()
    meetingIPv6.removeAll()
  }

  /// Counts a socket whose port its program chose, by `bind` to a number.
  mutating func observeChosen(_ record: SocketRecord) {
    observe(record)
    guard record.state == .close, pool.contains(record.localPort) else { return }
    let holder = PortTenure.Holder(record)
    if chosen[record.localPort] == nil || tenure?.holder(of: record.localPort) == holder { chosen[record.localPort] = holder }
  }
}

extension UDPTally: SocketTally {
  @inline(__always)
  mutating func observe(_ record: SocketRecord) {
    counts.add(record)
    let port = record.localPort
    guard pool.contains(port) else { return }
    ports.used.insert(port)
    if !record.isIPv6Only { ports.meetingIPv4.insert(port) }
    if !record.local.isIPv4 { meetingIPv6.insert(port) }
    if record.state == .close {
      ports.bound.insert(port)
    } else if record.remote.isLoopback || localAddresses.contains(record.remote) {
      ports.local.insert(port)
    } else {
      ports.client.insert(port)
    }
  }
}
