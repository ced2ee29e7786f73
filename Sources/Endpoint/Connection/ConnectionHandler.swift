internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import NIOTLS

/// One connection: reads a request, has it answered, reads the next.
///
/// Nothing is read while a request is being answered, so what a client can make the server hold is one read's worth of requests, and of
/// these at most `pipelinedRequests`. Reading and writing each have a timer of their own.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  let service: any RequestAnswering
  let connections: OpenConnections
  let limits: EndpointLimits
  let log: EndpointLog
  /// The names that a client's certificate may have; `nil` takes every one.
  let clientNames: ClientNameRule?
  /// The client, for fairness among clients.
  var address = ""

  /// The request whose body is being read.
  var incoming: HTTPRequestHead?
  var bodyBytes = 0
  /// Whole requests that wait for their turn.
  var waiting = CircularBuffer<HTTPRequestHead>(initialCapacity: 1)
  /// The request whose answer is being made or written.
  var answering: HTTPRequestHead?
  /// The last thing to say, after everything that waits, to a client whose input is not read any further.
  var farewell: Response?
  /// No request is taken any more: the connection ends when everything that waits is answered.
  var isInputOver = false
  var isLingering = false
  /// A shutdown was asked for: the running request is the last one.
  var isDraining = false
  /// The TLS handshake goes on.
  var isHandshaking: Bool
  /// Some of a request's header has come; a new connection counts as if it had.
  var hasPartOfHeader = true
  var hasReadBytes = false
  var messagesInRead = 0
  var readTimer: (phase: ConnectionPhase, task: Scheduled<Void>)?
  var writeTimer: Scheduled<Void>?

  init(
    service: any RequestAnswering, connections: OpenConnections, limits: EndpointLimits, isTLS: Bool, clientNames: ClientNameRule?,
    log: EndpointLog
  ) {
    self.service = service
    self.connections = connections
    self.limits = limits
    self.log = log
    self.clientNames = clientNames
    isHandshaking = isTLS
  }

  func channelActive(context: ChannelHandlerContext) {
    address = PeerAddress.key(context.remoteAddress)
    updateReadTimer(context)
    context.read()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    messagesInRead += 1
    guard !isInputOver else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      hasPartOfHeader = false
      incoming = head
      connections.note(context.channel, isWaiting: false)
      bodyBytes = 0
      if let refusal = RequestCheck.refusal(of: head) { giveUp(context, refusal) }
    case .body(let bytes):
      bodyBytes += bytes.readableBytes
      if bodyBytes > limits.bodyBytes {
        giveUp(context, RequestCheck.refuse(.payloadTooLarge, "A request body may have at most \(limits.bodyBytes) bytes."))
      }
    case .end:
      guard let head = incoming else { return }
      incoming = nil
      waiting.append(head)
      // The time for the next request begins after this one's answer.
      cancelReadTimer()
      // The connection that sent too many at once, or a request after which nothing can be parsed, ends with the last answer.
      isInputOver = isDraining || waiting.count > limits.pipelinedRequests || RequestCheck.endsProtocol(head)
      answerNext(context)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    hasReadBytes = true
    if messagesInRead == 0, incoming == nil, answering == nil { hasPartOfHeader = true }
    messagesInRead = 0
    updateReadTimer(context)
    if isLingering || (answering == nil && !isInputOver) { context.read() }
    context.fireChannelReadComplete()
  }

  func channelInactive(context: ChannelHandlerContext) {
    cancelReadTimer()
    writeTimer?.cancel()
    writeTimer = nil
    if let answering { log(.debug, "client went away before its answer was complete", [("path", answering.uri)]) }
    answering = nil
    isInputOver = true
    waiting.removeAll()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed:
      if isLingering { return context.close(promise: nil) }
      isInputOver = true
      incoming = nil
      closeIfDone(context)
    case TLSUserEvent.handshakeCompleted: handshakeCompleted(context)
    case is ChannelShouldQuiesceEvent:
      isDraining = true
      if incoming == nil, answering != nil || !hasPartOfHeader || !hasReadBytes { isInputOver = true }
      closeIfDone(context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  private func handshakeCompleted(_ context: ChannelHandlerContext) {
    isHandshaking = false
    // A client that was allowed to show no certificate has no name to check, as in the exporter-toolkit.
    if let clientNames, let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(), !clientNames.admits(certificate) {
      log(.debug, "client certificate has none of client_allowed_sans, closing")
      isInputOver = true
      context.close(promise: nil)
      return
    }
    updateReadTimer(context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case HTTPParserError.headerOverflow:
      giveUp(context, RequestCheck.refuse(.requestHeaderFieldsTooLarge, "The header of the request is too large."))
    case is HTTPParserError:
      giveUp(context, RequestCheck.refuse(.badRequest, "400 Bad Request"))
    case is ByteToMessageDecoderError: break
    default:
      // A client in the middle of its answer gets its one line when the connection ends.
      if answering == nil { log(.debug, "connection failed", [("error", "\(error)")]) }
      context.close(promise: nil)
    }
  }
}
