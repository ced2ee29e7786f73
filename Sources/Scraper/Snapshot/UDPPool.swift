package import PortModel

/// The UDP sockets of a namespace and what they leave of its pool.
package struct UDPPool: Sendable, Hashable {
  package let sockets: SocketCounts
  /// `nil` without settings.
  package let pressure: UDPPressure?

  package init(sockets: SocketCounts, pressure: UDPPressure?) {
    self.sockets = sockets
    self.pressure = pressure
  }
}

/// What the sockets leave of the pool.
package struct UDPPressure: Sendable, Hashable {
  package let usage: PortUsage
  /// Unbound senders and automatic wildcard binds left, on IPv4: both need a port that no IPv4 socket would meet.
  package let headroom: Int
  /// The same for IPv6 sockets that are not IPv6-only.
  package let headroomIPv6: Int
  /// Pool ports that a program chose itself and waits on; `nil` when the source cannot tell (`/proc`).
  package let listeners: PortSet?

  /// `nil` when the tally knows no pool.
  init?(_ tally: borrowing UDPTally, seesExplicitBinds: Bool) {
    guard let range = tally.settings?.range else { return nil }
    usage = PortUsage(tally.ports, range: range, pool: tally.pool)
    let capacity = tally.pool.count
    headroom = capacity - tally.ports.meetingIPv4.count
    headroomIPv6 = capacity - tally.ports.used.count
    if seesExplicitBinds {
      var listeners = tally.explicitlyBound
      listeners.formIntersection(tally.ports.bound)
      self.listeners = listeners
    } else {
      listeners = nil
    }
  }
}
