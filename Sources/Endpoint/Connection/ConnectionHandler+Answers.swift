internal import NIOCore
internal import NIOHTTP1

extension ConnectionHandler {
  /// Starts on the requests that wait, one after the other; says farewell after the last.
  func answerNext(_ context: ChannelHandlerContext) {
    while answering == nil {
      guard let head = waiting.popFirst() else {
        if let response = farewell {
          farewell = nil
          // The request it answers may be one that was never read to its end.
          let head = incoming ?? HTTPRequestHead(version: .http1_1, method: .GET, uri: "")
          incoming = nil
          answering = head
          write(context, response, to: head)
        } else {
          closeIfDone(context)
        }
        return
      }
      answering = head
      switch service.decide(head, from: address) {
      case .answer(let response): write(context, response, to: head)
      case .work(let work):
        let service = service
        context.eventLoop.makeFutureWithTask { await service.perform(work) }
          .assumeIsolated()
          .whenSuccess { response in
            guard self.answering != nil else { return }
            self.write(context, response, to: head)
          }
      }
    }
  }

  private func write(_ context: ChannelHandlerContext, _ response: Response, to head: HTTPRequestHead) {
    let isLast = isInputOver && waiting.isEmpty && farewell == nil
    let keepAlive = head.isKeepAlive && !isLast && !isDraining && !response.closesConnection
    if !keepAlive { isInputOver = true }
    let date = HTTPDate.text(secondsSince1970: WallClock.secondsSince1970())
    context.write(wrapOutboundOut(.head(response.head(version: head.version, keepAlive: keepAlive, date: date))), promise: nil)
    if head.method != .HEAD, response.body.readableBytes > 0 {
      context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    log(
      .debug, "request answered",
      [("method", head.method.rawValue), ("path", head.uri), ("status", String(response.status.code))])
    var isWritten = false
    written.futureResult.assumeIsolated().whenComplete { result in
      isWritten = true
      self.finished(context, result, keepAlive: keepAlive, lingers: response.closesConnection)
    }
    guard !isWritten else { return }
    writeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.responseTimeout)) {
      self.log(.debug, "client reads too slowly, closing", [("path", head.uri)])
      context.close(promise: nil)
    }
  }

  private func finished(_ context: ChannelHandlerContext, _ result: Result<Void, any Error>, keepAlive: Bool, lingers: Bool) {
    writeTimer?.cancel()
    writeTimer = nil
    guard case .success = result, answering != nil else { return }
    answering = nil
    if lingers { return linger(context) }
    guard keepAlive else { return context.close(promise: nil) }
    guard waiting.isEmpty, farewell == nil else {
      // Not from within the write, so that a row of pipelined requests is a loop and not a recursion.
      return context.eventLoop.assumeIsolated().execute { self.answerNext(context) }
    }
    closeIfDone(context)
    updateReadTimer(context)
    if incoming == nil { connections.note(context.channel, isWaiting: true) }
    if !isInputOver, messagesInRead == 0 { context.read() }
  }

  /// Stops reading requests; the answer is sent after those of the requests before.
  func giveUp(_ context: ChannelHandlerContext, _ response: Response) {
    guard !isInputOver else { return }
    isInputOver = true
    farewell = response
    answerNext(context)
  }

  /// Closes a connection that takes no more requests when nothing is left to say.
  func closeIfDone(_ context: ChannelHandlerContext) {
    guard isInputOver, !isLingering, incoming == nil, answering == nil, waiting.isEmpty, farewell == nil else { return }
    context.close(promise: nil)
  }

  /// Closes the way to the client and throws away for a moment what still comes: closing with unread bytes would make the kernel send a
  /// reset, which takes the answer from a client that has not read it yet. RFC 9112 section 9.6
  private func linger(_ context: ChannelHandlerContext) {
    isLingering = true
    context.close(mode: .output, promise: nil)
    updateReadTimer(context)
    context.read()
  }
}
