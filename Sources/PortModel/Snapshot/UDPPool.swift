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

/// What the UDP sockets leave of the pool.
package struct UDPPressure: Sendable, Hashable {
  package let usage: PortUsage
  /// Unbound senders and automatic wildcard binds left, on IPv4: both need a port that no IPv4 socket would meet.
  package let headroom: Int
  /// The same for IPv6 sockets as the namespace makes them: dual-stack, or with `net.ipv6.bindv6only` IPv6-only.
  package let headroomIPv6: Int
  /// Pool ports that servers wait on: a program chose the port, and one socket has held it for ten minutes. `nil` until somebody has watched for
  /// that long, and where the source does not tell who chose a port (`/proc`).
  package let listeners: PortSet?

  /// A program or user with more UDP ports of its choice than this picks them, as a resolver does for a query: they are no servers'.
  package static let mostServerPorts = 16

  package init(usage: PortUsage, headroom: Int, headroomIPv6: Int, listeners: PortSet?) {
    self.usage = usage
    self.headroom = headroom
    self.headroomIPv6 = headroomIPv6
    self.listeners = listeners
  }
}
