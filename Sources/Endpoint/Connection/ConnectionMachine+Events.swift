package import NIOHTTP1

extension ConnectionMachine {
  /// Something that happened to the connection.
  package enum Event: Sendable, Equatable {
    case opened
    case handshakeCompleted
    /// The client's certificate has none of the allowed names.
    case nameRefused
    /// The head of a request, and whether it is refused whatever its body holds; said only of one that announces a body.
    case head(HTTPRequestHead, isRefused: Bool)
    /// That many bytes of a body.
    case body(Int)
    case end
    /// The read is over: what follows comes with the next one.
    case readCompleted
    /// The bytes are no request; the response says why.
    case unreadable(Response)
    /// The answer that ``Action/answer(_:)`` asked for.
    case answered(Response)
    /// The kernel took only part of the response.
    case writePending
    /// The kernel has taken the response, or refused it.
    case written(Bool)
    /// ``Action/turn`` came back.
    case turned
    case timerFired(ConnectionPhase)
    /// The client has said everything.
    case inputClosed
    case failed(String)
    case shutdown
    case closed
  }

  /// Something to do; the actions of one event are carried out in order.
  package enum Action: Sendable, Equatable {
    case read
    /// Has the answer made: ``Event/answered(_:)``.
    case answer(HTTPRequestHead)
    /// Sends a response: ``Event/writePending`` unless it is out at once, then ``Event/written(_:)``.
    case write(Response, to: HTTPRequestHead, keepAlive: Bool)
    /// It is the client's turn: starts the timer of the phase, in place of the one that runs.
    case wait(ConnectionPhase)
    /// It is no longer the client's turn: stops the timer.
    case stopWaiting
    /// Comes back with ``Event/turned`` once the present call has returned.
    case turn
    /// Says that nothing more will be sent.
    case closeOutput
    case close
    case log(String, path: String? = nil, error: String? = nil)
  }
}

/// What a connection waits for from its client; each has a deadline of its own.
package enum ConnectionPhase: Hashable, Sendable, CaseIterable {
  /// The end of the TLS handshake.
  case handshake
  /// The rest of a request's header, or the first request of a new connection.
  case header
  /// The rest of a request's body.
  case body
  /// The next request.
  case idle
  /// That the client reads the rest of a response.
  case response
  /// The end of what the client still sends to a connection that was given up.
  case linger

  /// How long it may take.
  func timeout(_ limits: EndpointLimits) -> Duration {
    switch self {
    case .handshake: limits.handshakeTimeout
    case .header: limits.headerTimeout
    case .body: limits.bodyTimeout
    case .idle: limits.idleTimeout
    case .response: limits.responseTimeout
    case .linger: .seconds(1)
    }
  }
}
