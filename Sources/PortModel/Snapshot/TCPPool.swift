/// The TCP sockets of a namespace and what they leave of its pool.
package struct TCPPool: Sendable, Hashable {
  package let sockets: SocketCounts
  /// Whether ``sockets`` includes bound sockets that neither listen nor connect: `/proc` does not show them.
  package let seesBoundOnly: Bool
  /// `nil` without settings.
  package internal(set) var pressure: TCPPressure?

  package init(sockets: SocketCounts, seesBoundOnly: Bool, pressure: TCPPressure?) {
    self.sockets = sockets
    self.seesBoundOnly = seesBoundOnly
    self.pressure = pressure
  }
}

/// What the TCP sockets leave of the pool.
package struct TCPPressure: Sendable, Hashable {
  package let usage: PortUsage
  /// Pool ports no connect() can be given, whatever the destination.
  package let blocked: Int
  package internal(set) var connect: ConnectHeadroom
  package let bind: BindHeadroom
  /// Ports of the second parity with a connection although the first has room for its tuple: programs that bind before they connect.
  package let wrongParity: Int
  /// Pool ports on which a program listens because it chose to; with `/proc`, which does not say who chose, every pool port with a listener.
  package let listeners: PortSet
  /// Pool ports that no connect() is given because programs let the kernel choose them at bind(), and then connected; `nil` where the source cannot tell.
  package let bindFirst: Int?
  /// Whether headroom is what the kernel will allow, or may be more.
  package let exactness: Exactness

  package init(
    usage: PortUsage, blocked: Int, connect: ConnectHeadroom, bind: BindHeadroom, wrongParity: Int, listeners: PortSet,
    bindFirst: Int? = nil, exactness: Exactness = .upperBound
  ) {
    self.usage = usage
    self.blocked = blocked
    self.connect = connect
    self.bind = bind
    self.wrongParity = wrongParity
    self.listeners = listeners
    self.bindFirst = bindFirst
    self.exactness = exactness
  }
}

/// What a headroom says.
package enum Exactness: String, Sendable, Hashable {
  /// The kernel allows that many, to the port.
  case exact
  /// The kernel allows at most that many: what takes further ports does not show to the source.
  case upperBound = "upper_bound"
}
