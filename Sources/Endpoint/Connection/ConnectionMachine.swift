internal import NIOCore
internal import NIOHTTP1

/// The rules of one connection, without a socket: takes what happened and returns what to do about it.
///
/// ```
/// head GET /metrics, end   → stopWaiting, answer GET /metrics
/// answered 200             → write 200
/// written                  → wait idle, read
/// ```
///
/// Nothing is read while a request is being answered, so what a client can make the server hold is one read's worth of requests, and of
/// these at most `pipelinedRequests`. Whenever it is the client's turn, a timer runs.
package struct ConnectionMachine: Sendable {
  private enum Input: Sendable {
    case handshake
    /// Part of a header has come; a new connection counts as if it had.
    case header
    /// Between requests.
    case idle
    case body(HTTPRequestHead, bytes: Int)
    /// No request is taken any more. The connection ends when everything that waits is answered.
    case over
    /// Everything is said; what the client still sends is thrown away.
    case discarded
    case closed
  }

  private enum Output: Sendable {
    case idle
    case making(HTTPRequestHead)
    case writing(HTTPRequestHead, then: Sequel, isPending: Bool)
    /// The next request is taken in the next turn of the event loop, so that a row of pipelined requests is a loop and not a recursion.
    case turning
  }

  private enum Sequel: Sendable { case next, close, linger }

  private let limits: EndpointLimits
  private var input: Input
  private var output = Output.idle
  /// Whole requests that wait for their turn.
  private var waiting = CircularBuffer<HTTPRequestHead>(initialCapacity: 1)
  /// The last response, after everything that waits, to a client whose input is not read any further.
  private var farewell: (head: HTTPRequestHead, response: Response)?
  /// The last request was taken before its body came.
  private var leavesBody = false
  private var isDraining = false
  /// At least one read has completed.
  private var hasRead = false
  /// Part of a request came in the read that is under way.
  private var isWithinRead = false
  private var timer: ConnectionPhase?

  /// A connection that was just accepted.
  package init(limits: EndpointLimits, isTLS: Bool) {
    self.limits = limits
    input = isTLS ? .handshake : .header
  }

  /// Takes an event; returns the actions to carry out, in order. Events that come too late or out of place do nothing.
  package mutating func handle(_ event: Event) -> [Action] {
    var actions: [Action] = []
    if case .closed = input { return actions }
    switch event {
    case .opened: actions.append(.read)
    case .handshakeCompleted: if case .handshake = input { input = .header }
    case .nameRefused:
      actions.append(.log("client certificate has none of client_allowed_sans, closing"))
      close(&actions)
    case .head(let head, let isRefused): take(head, isRefused: isRefused, &actions)
    case .body(let count): take(count, &actions)
    case .end: takeEnd(&actions)
    case .readCompleted: completeRead(&actions)
    case .unreadable(let response): giveUp(response, &actions)
    case .answered(let response): if case .making(let head) = output { write(response, to: head, &actions) }
    case .writePending:
      if case .writing(let head, let sequel, _) = output { output = .writing(head, then: sequel, isPending: true) }
    case .written(let isWhole): finish(isWhole: isWhole, &actions)
    case .turned:
      if case .turning = output {
        output = .idle
        answerNext(&actions)
      }
    case .timerFired(let phase): if phase == timer { expire(phase, &actions) }
    case .inputClosed: endInput(&actions)
    case .failed(let error):
      // A client in the middle of its answer gets its one line when the connection ends.
      if case .idle = output { actions.append(.log("connection failed", error: error)) } else { logAbandoned(&actions) }
      close(&actions)
    case .shutdown: drain(&actions)
    case .closed:
      logAbandoned(&actions)
      clear()
    }
    settle(&actions)
    return actions
  }

  /// What the client has to do next; `nil` when it is our turn.
  private var phase: ConnectionPhase? {
    switch (input, output) {
    case (.closed, _): nil
    case (.discarded, _): .linger
    case (_, .writing(_, _, isPending: true)): .response
    case (_, .making), (_, .writing), (_, .turning), (.over, _): nil
    case (.handshake, .idle): .handshake
    case (.header, .idle): .header
    case (.idle, .idle): .idle
    case (.body, .idle): .body
    }
  }

  /// Starts and stops the timer. A phase that goes on keeps the timer it has: bytes that trickle in buy no time.
  private mutating func settle(_ actions: inout [Action]) {
    // The rest of a request that is being read mostly comes in the same read.
    if case .body = input, case .idle = output, isWithinRead { return }
    let phase = phase
    guard phase != timer else { return }
    timer = phase
    let action = phase.map(Action.wait) ?? .stopWaiting
    // A connection that is about to be closed has no timer any more.
    if actions.last == .close { actions.insert(action, at: actions.count - 1) } else { actions.append(action) }
  }
}

// MARK: Input

extension ConnectionMachine {
  private var takesRequests: Bool {
    switch input {
    case .handshake, .header, .idle, .body: true
    case .over, .discarded, .closed: false
    }
  }

  private mutating func take(_ head: HTTPRequestHead, isRefused: Bool, _ actions: inout [Action]) {
    isWithinRead = true
    guard takesRequests else { return }
    input = .body(head, bytes: 0)
    if let refusal = RequestCheck.refusal(of: head, limits: limits) { return giveUp(refusal, &actions) }
    guard isRefused else { return }
    input = .over
    leavesBody = true
    waiting.append(head)
    answerNext(&actions)
  }

  private mutating func take(_ count: Int, _ actions: inout [Action]) {
    isWithinRead = true
    guard case .body(let head, let bytes) = input else { return }
    input = .body(head, bytes: bytes + count)
    if bytes + count > limits.bodyBytes { giveUp(RequestCheck.bodyTooLarge(limits), &actions) }
  }

  private mutating func takeEnd(_ actions: inout [Action]) {
    isWithinRead = true
    guard case .body(let head, _) = input else { return }
    waiting.append(head)
    // The connection that sent too many at once, or a request after which nothing can be parsed, ends with the last answer.
    let isLast = isDraining || waiting.count > limits.pipelinedRequests || RequestCheck.endsProtocol(head)
    input = isLast ? .over : .idle
    answerNext(&actions)
  }

  private mutating func completeRead(_ actions: inout [Action]) {
    hasRead = true
    if !isWithinRead, case .idle = input, case .idle = output { input = .header }
    isWithinRead = false
    settle(&actions)
    if case .discarded = input { return actions.append(.read) }
    if takesRequests, case .idle = output { actions.append(.read) }
  }

  /// Stops reading requests; the response is sent after those to the requests before.
  private mutating func giveUp(_ response: Response, _ actions: inout [Action]) {
    guard takesRequests else { return }
    // The request may be one that was never read to its end, or none at all.
    if case .body(let head, _) = input {
      farewell = (head, response)
    } else {
      farewell = (HTTPRequestHead(version: .http1_1, method: .GET, uri: ""), response)
    }
    input = .over
    answerNext(&actions)
  }

  private mutating func endInput(_ actions: inout [Action]) {
    if case .discarded = input { return close(&actions) }
    input = .over
    closeIfDone(&actions)
  }

  /// The request that is being read or answered is the last one.
  private mutating func drain(_ actions: inout [Action]) {
    isDraining = true
    switch input {
    case .idle: input = .over
    case .handshake, .header: if !hasRead { input = .over }
    case .body, .over, .discarded, .closed: break
    }
    closeIfDone(&actions)
  }

  private mutating func expire(_ phase: ConnectionPhase, _ actions: inout [Action]) {
    switch phase {
    case .header where hasRead, .body:
      actions.append(.log("client sends its request too slowly, closing"))
      giveUp(RequestCheck.refuse(.requestTimeout, "The request did not arrive in time."), &actions)
    case .handshake:
      actions.append(.log("TLS handshake did not finish in time, closing"))
      close(&actions)
    case .response:
      if case .writing(let head, _, _) = output { actions.append(.log("client reads too slowly, closing", path: head.uri)) }
      close(&actions)
    case .header, .idle, .linger: close(&actions)
    }
  }
}

// MARK: Output

extension ConnectionMachine {
  /// Starts on the next request that waits; says farewell after the last.
  private mutating func answerNext(_ actions: inout [Action]) {
    guard case .idle = output else { return }
    if let head = waiting.popFirst() {
      output = .making(head)
      actions.append(.answer(head))
    } else if let (head, response) = farewell {
      farewell = nil
      write(response, to: head, &actions)
    } else {
      closeIfDone(&actions)
    }
  }

  private mutating func write(_ response: Response, to head: HTTPRequestHead, _ actions: inout [Action]) {
    let isLast = !takesRequests && waiting.isEmpty && farewell == nil
    let keepAlive = head.isKeepAlive && !isLast && !isDraining && !response.closesConnection
    let lingers = response.closesConnection || (isLast && leavesBody)
    if !keepAlive { input = .over }
    output = .writing(head, then: lingers ? .linger : keepAlive ? .next : .close, isPending: false)
    actions.append(.write(response, to: head, keepAlive: keepAlive))
  }

  private mutating func finish(isWhole: Bool, _ actions: inout [Action]) {
    guard case .writing(_, let sequel, _) = output else { return }
    guard isWhole else {
      logAbandoned(&actions)
      return close(&actions)
    }
    output = .idle
    switch sequel {
    case .close: close(&actions)
    case .linger: linger(&actions)
    case .next where waiting.isEmpty && farewell == nil:
      closeIfDone(&actions)
      settle(&actions)
      if takesRequests, !isWithinRead { actions.append(.read) }
    case .next:
      output = .turning
      actions.append(.turn)
    }
  }

  /// Closes the way to the client and throws away for a moment what still comes: closing with unread bytes would make the kernel send a
  /// reset, which takes the response from a client that has not read it yet. RFC 9112 section 9.6
  private mutating func linger(_ actions: inout [Action]) {
    input = .discarded
    // Before the output is closed: that ends at once a connection whose client has closed its own way.
    settle(&actions)
    actions += [.closeOutput, .read]
  }

  /// Closes a connection that takes no more requests when nothing is left to say.
  private mutating func closeIfDone(_ actions: inout [Action]) {
    guard case .over = input, case .idle = output, waiting.isEmpty, farewell == nil else { return }
    close(&actions)
  }

  private mutating func close(_ actions: inout [Action]) {
    clear()
    actions.append(.close)
  }

  private mutating func clear() {
    input = .closed
    output = .idle
    waiting.removeAll()
    farewell = nil
  }

  private func logAbandoned(_ actions: inout [Action]) {
    switch output {
    case .making(let head), .writing(let head, _, _):
      actions.append(.log("client went away before its answer was complete", path: head.uri))
    case .idle, .turning: break
    }
  }
}
