internal import NIOCore

/// Stops a listener from accepting while the connections are at their limit. What the kernel has in its accept queue waits there.
///
/// The listener must accept one connection at a time (`maxMessagesPerRead` 1): the limit is then passed by one at most, for a moment.
final class AcceptLimitHandler: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never

  private let connections: OpenConnections
  private let log: EndpointLog
  private var isHeld = false

  init(connections: OpenConnections, log: EndpointLog) {
    self.connections = connections
    self.log = log
  }

  func read(context: ChannelHandlerContext) {
    guard !isHeld else { return }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let mayAccept = connections.mayAccept {
      @Sendable func goOn() {
        let (handler, context) = bound.value
        handler.isHeld = false
        handler.read(context: context)
      }
      // A connection that ends with the event loop says so on the loop, which takes no new tasks then.
      if bound.eventLoop.inEventLoop { goOn() } else { bound.eventLoop.execute(goOn) }
    }
    if mayAccept {
      context.read()
    } else {
      isHeld = true
      log(.debug, "connection limit reached, new connections wait")
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connections.add(unwrapInboundIn(data))
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    log(.warning, "cannot accept a connection", [("error", "\(error)")])
    context.fireErrorCaught(error)
  }
}
