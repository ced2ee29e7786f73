internal import NIOCore
internal import NIOHTTP1

extension ConnectionHandler {
  /// What the client has to do next, or `nil` when it is our turn.
  var phase: ConnectionPhase? {
    if isLingering { return .linger }
    if answering != nil || isInputOver { return nil }
    if isHandshaking { return .handshake }
    if incoming != nil { return .body }
    return hasPartOfHeader ? .header : .idle
  }

  /// Starts the timer of the present phase. A phase that goes on keeps the timer it has: bytes that trickle in buy no time. A connection
  /// that is gone has no phase: closing the way to a client that has closed its own ends it at once.
  func updateReadTimer(_ context: ChannelHandlerContext) {
    let phase = context.channel.isActive ? phase : nil
    guard phase != readTimer?.phase else { return }
    cancelReadTimer()
    readTimer = phase.map { phase in
      let task = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(phase.timeout(limits))) {
        self.readTimer = nil
        self.expired(phase, context)
      }
      return (phase, task)
    }
  }

  func cancelReadTimer() {
    readTimer?.task.cancel()
    readTimer = nil
  }

  private func expired(_ phase: ConnectionPhase, _ context: ChannelHandlerContext) {
    switch phase {
    case .header where hasReadBytes, .body:
      log(.debug, "client sends its request too slowly, closing")
      giveUp(context, RequestCheck.refuse(.requestTimeout, "The request did not come in time."))
    case .handshake:
      log(.debug, "TLS handshake did not come to an end, closing")
      context.close(promise: nil)
    case .header, .idle, .linger:
      context.close(promise: nil)
    }
  }
}
