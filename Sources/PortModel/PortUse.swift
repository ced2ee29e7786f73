/// What holds a pool port. Every used port has exactly one: the first that fits, in this order.
package enum PortUse: UInt8, Sendable, Hashable, CaseIterable {
  /// A TCP socket in LISTEN.
  case listener
  /// A TCP socket bound to a port of its choice or not connected; an unconnected UDP socket.
  case bound
  /// A connection whose other end is on this host too.
  case local
  /// A connection to another host.
  case client
  /// Only sockets without an owner, such as TIME_WAIT.
  case closing

  /// The label value, such as `listener`.
  package var name: String {
    switch self {
    case .listener: "listener"
    case .bound: "bound"
    case .local: "local"
    case .client: "client"
    case .closing: "closing"
    }
  }
}
