/// Which way a socket faces.
package enum SocketDirection: UInt8, Sendable, Hashable, Comparable {
  /// Waits for connections.
  case listening
  /// TCP: has a port and does nothing with it.
  case bound
  /// UDP: receives from anyone.
  case receiving
  /// A connection that came to a listener of this port.
  case inbound
  /// Came in, as its port numbers say, but nobody listens any more.
  case inboundWithoutListener
  /// A connection that this side opened.
  case outgoing

  package static func < (left: SocketDirection, right: SocketDirection) -> Bool { left.rawValue < right.rawValue }

  /// The word in JSON and in the page.
  package var name: String {
    switch self {
    case .listening: "listening"
    case .bound: "bound"
    case .receiving: "receiving"
    case .inbound: "inbound"
    case .inboundWithoutListener: "inbound (listener gone)"
    case .outgoing: "outgoing"
    }
  }
}
