internal import Glibc
internal import NIOCore
internal import NIOExtras
internal import NIOHTTP1
internal import NIOPosix

/// One listening socket and the connections it accepted.
struct Listener: Sendable {
  let address: BoundAddress
  private let wanted: ListenAddress
  /// One for each listener: a shared one counts the connections of the first only and never lets the others end.
  private let quiescing: ServerQuiescingHelper
  private let channel: any Channel
  /// The file of a unix socket of our own; `nil` for other sockets.
  private let file: UnixSocketFile.Identity?

  /// Takes what every connection needs, and listens.
  /// - Throws: ``EndpointError/cannotListen(address:cause:remedy:)``
  static func listen(
    on wanted: ListenAddress, group: any EventLoopGroup, service: RequestService, connections: OpenConnections, limits: EndpointLimits,
    log: EndpointLog
  ) async throws(EndpointError) -> Listener {
    let quiescing = ServerQuiescingHelper(group: group)
    func makeBootstrap() -> ServerBootstrap {
      ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 512)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.maxMessagesPerRead, value: 1)
        .serverChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(AcceptLimitHandler(connections: connections, log: log))
            try pipeline.addHandler(quiescing.makeServerChannelHandler(channel: channel))
          }
        }
        .childChannelOption(.autoRead, value: false)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try ConnectionPipeline.add(to: channel, service: service, connections: connections, limits: limits, log: log)
          }
        }
    }
    do {
      let channel = try await SocketBinding.bind(makeBootstrap, to: wanted, log: log)
      var file: UnixSocketFile.Identity?
      if case .unixSocket(let path) = wanted { file = UnixSocketFile.Identity(path) }
      return Listener(
        address: SocketBinding.address(of: channel, wanted: wanted), wanted: wanted, quiescing: quiescing, channel: channel, file: file)
    } catch {
      throw SocketBinding.explain(error, wanted)
    }
  }

  /// Stops accepting and lets running requests end; the result completes when the last connection is closed.
  func startDraining() -> EventLoopFuture<Void> {
    let promise = channel.eventLoop.makePromise(of: Void.self)
    removeFile()
    quiescing.initiateShutdown(promise: promise)
    return promise.futureResult
  }

  /// A unix socket of our own leaves no file behind; one that was handed over belongs to the service manager, and one that has replaced ours
  /// to another server.
  private func removeFile() {
    if case .unixSocket(let path) = wanted, let file { UnixSocketFile.remove(file, at: path) }
  }

  /// Stops listening at once; used when another address could not be bound.
  func close() async {
    removeFile()
    try? await channel.close().get()
  }
}

/// Stops a listener from accepting while the connections are at their limit. What the kernel has in its accept queue waits there.
///
/// The listener must accept one connection at a time (`maxMessagesPerRead` 1): the limit is then passed by one at most, for a moment.
final class AcceptLimitHandler: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never

  /// From an `accept` for which there was no descriptor or no memory to the next.
  private static let retryInterval = TimeAmount.milliseconds(100)

  private let connections: OpenConnections
  private let log: EndpointLog
  private var isHeld = false
  /// The last `accept` failed for want of something that others hold.
  private var isStarved = false

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
    if isStarved {
      isStarved = false
      log(.info, "accepting connections again")
    }
    connections.add(unwrapInboundIn(data))
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch (error as? IOError)?.errnoCode {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: pause(context, error)
    default: log(.debug, "a connection ended before it was accepted", [("error", "\(error)")])
    }
    context.fireErrorCaught(error)
  }

  /// Takes the listener out of the event loop for a moment: the connection that waits would make it ready again at once, without an end.
  private func pause(_ context: ChannelHandlerContext, _ error: any Error) {
    if !isStarved { log(.warning, "cannot accept connections, they wait", [("error", "\(error)")]) }
    isStarved = true
    // The read that failed is still pending, and only a channel without automatic reads stops it. Turned on again, it goes on.
    context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
    let channel = context.channel
    context.eventLoop.scheduleTask(in: Self.retryInterval) { channel.setOption(.autoRead, value: true).whenFailure { _ in } }
  }
}
