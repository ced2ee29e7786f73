package import PortModel

/// The TCP sockets of a namespace and what they leave of its pool.
package struct TCPPool: Sendable, Hashable {
  package let sockets: SocketCounts
  /// Whether ``sockets`` includes bound sockets that neither listen nor connect: `/proc` does not show them.
  package let seesBoundOnly: Bool
  /// `nil` without settings.
  package let pressure: TCPPressure?

  package init(sockets: SocketCounts, seesBoundOnly: Bool, pressure: TCPPressure?) {
    self.sockets = sockets
    self.seesBoundOnly = seesBoundOnly
    self.pressure = pressure
  }
}

/// What the sockets leave of the pool.
package struct TCPPressure: Sendable, Hashable {
  package let usage: PortUsage
  /// Pool ports no connect() can be given, whatever the destination.
  package let blocked: Int
  package let connect: ConnectHeadroom
  package let bind: BindHeadroom
  /// Ports of the second parity with a connection although the first has room for its tuple: programs that bind before they connect.
  package let wrongParity: Int
  /// Pool ports with a listener.
  package let listeners: PortSet
}
