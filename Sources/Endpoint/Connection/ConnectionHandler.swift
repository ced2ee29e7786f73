internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import NIOTLS

/// One connection on its channel: tells ``ConnectionMachine`` what happens and does what it says.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let service: any RequestAnswering
  private let connections: OpenConnections
  private let limits: EndpointLimits
  private let log: EndpointLog
  /// The names that a client's certificate may have; `nil` takes every one.
  private let clientNames: ClientNameRule?
  /// The client, for fairness among clients.
  private var address = ""
  private var machine: ConnectionMachine
  /// What happened while the actions of an earlier event are carried out.
  private var events = CircularBuffer<ConnectionMachine.Event>(initialCapacity: 4)
  private var isHandling = false
  private var timer: Scheduled<Void>?

  init(
    service: any RequestAnswering, connections: OpenConnections, limits: EndpointLimits, isTLS: Bool, clientNames: ClientNameRule?,
    log: EndpointLog
  ) {
    self.service = service
    self.connections = connections
    self.limits = limits
    self.log = log
    self.clientNames = clientNames
    machine = ConnectionMachine(limits: limits, isTLS: isTLS)
  }

  func channelActive(context: ChannelHandlerContext) {
    address = PeerAddress.key(context.remoteAddress)
    handle(.opened, context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      handle(.head(head, isRefused: RequestCheck.announcesBody(head) && service.refusesAnyBody(head)), context)
    case .body(let bytes): handle(.body(bytes.readableBytes), context)
    case .end: handle(.end, context)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    handle(.readCompleted, context)
    context.fireChannelReadComplete()
  }

  func channelInactive(context: ChannelHandlerContext) {
    handle(.closed, context)
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed: handle(.inputClosed, context)
    case TLSUserEvent.handshakeCompleted:
      // A client that was allowed to show no certificate has no name to check, as in the exporter-toolkit.
      let certificate = clientNames == nil ? nil : try? context.pipeline.syncOperations.nioSSL_peerCertificate()
      let isRefused = certificate.map { clientNames?.admits($0) == false } ?? false
      handle(isRefused ? .nameRefused : .handshakeCompleted, context)
    case is ChannelShouldQuiesceEvent: handle(.shutdown, context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case HTTPParserError.headerOverflow:
      handle(.unreadable(RequestCheck.refuse(.requestHeaderFieldsTooLarge, "The header of the request is too large.")), context)
    case is HTTPParserError: handle(.unreadable(RequestCheck.refuse(.badRequest, "400 Bad Request")), context)
    case is ByteToMessageDecoderError: break
    default: handle(.failed("\(error)"), context)
    }
  }

  /// Tells the machine. An event that an action brings about waits until the actions before it are done, so that the machine and the
  /// channel agree about the order.
  private func handle(_ event: ConnectionMachine.Event, _ context: ChannelHandlerContext) {
    events.append(event)
    guard !isHandling else { return }
    isHandling = true
    while let event = events.popFirst() {
      for action in machine.handle(event) { perform(action, context) }
    }
    isHandling = false
  }

  private func perform(_ action: ConnectionMachine.Action, _ context: ChannelHandlerContext) {
    switch action {
    case .read: context.read()
    case .answer(let head): answer(head, context)
    case .write(let response, let head, let keepAlive): write(response, to: head, keepAlive: keepAlive, context)
    case .wait(let phase):
      timer?.cancel()
      timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(phase.timeout(limits))) {
        self.handle(.timerFired(phase), context)
      }
      connections.note(context.channel, isWaiting: true)
    case .stopWaiting:
      timer?.cancel()
      timer = nil
      connections.note(context.channel, isWaiting: false)
    case .turn: context.eventLoop.assumeIsolated().execute { self.handle(.turned, context) }
    case .closeOutput: context.close(mode: .output, promise: nil)
    case .close: context.close(promise: nil)
    case .log(let message, let path, let error):
      log(.debug, message, [("path", path), ("error", error)].compactMap { name, value in value.map { (name, $0) } })
    }
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    switch service.decide(head, from: address) {
    case .answer(let response): handle(.answered(response), context)
    case .work(let work):
      let service = service
      context.eventLoop.makeFutureWithTask { await service.perform(work) }
        .assumeIsolated()
        .whenSuccess { self.handle(.answered($0), context) }
    }
  }

  private func write(_ response: Response, to head: HTTPRequestHead, keepAlive: Bool, _ context: ChannelHandlerContext) {
    let date = HTTPDate.text(secondsSince1970: HTTPDate.now())
    context.write(wrapOutboundOut(.head(response.head(version: head.version, keepAlive: keepAlive, date: date))), promise: nil)
    if head.method != .HEAD, response.body.readableBytes > 0 {
      context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    log(
      .debug, "request answered",
      [("method", head.method.rawValue), ("path", head.uri), ("status", String(response.status.code))])
    var isDone = false
    written.futureResult.assumeIsolated().whenComplete { result in
      isDone = true
      if case .success = result { self.handle(.written(true), context) } else { self.handle(.written(false), context) }
    }
    if !isDone { handle(.writePending, context) }
  }
}
