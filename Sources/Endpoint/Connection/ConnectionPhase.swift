/// What a connection waits for from its client; each has a deadline of its own.
enum ConnectionPhase: Hashable, Sendable {
  /// The end of the TLS handshake.
  case handshake
  /// The rest of a request's header, or the first request of a new connection.
  case header
  /// The rest of a request's body.
  case body
  /// The next request.
  case idle
  /// The end of what the client still sends to a connection that was given up.
  case linger

  /// How long it may take.
  func timeout(_ limits: EndpointLimits) -> Duration {
    switch self {
    case .handshake: limits.handshakeTimeout
    case .header: limits.headerTimeout
    case .body: limits.bodyTimeout
    case .idle: limits.idleTimeout
    case .linger: .seconds(1)
    }
  }
}
