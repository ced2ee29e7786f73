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

  /// Takes what every connection needs, and listens.
  /// - Throws: ``EndpointError/cannotListen(address:cause:remedy:)``
  static func listen(
    on wanted: ListenAddress, group: any EventLoopGroup, service: RequestService, connections: OpenConnections, limits: EndpointLimits,
    log: EndpointLog
  ) async throws(EndpointError) -> Listener {
    let quiescing = ServerQuiescingHelper(group: group)
    let bootstrap = ServerBootstrap(group: group)
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
    do {
      let channel = try await SocketBinding.bind(bootstrap, to: wanted)
      return Listener(
        address: SocketBinding.address(of: channel, wanted: wanted), wanted: wanted, quiescing: quiescing, channel: channel)
    } catch {
      throw SocketBinding.explain(error, wanted)
    }
  }

  /// Stops accepting and lets running requests end; the result completes when the last connection is closed.
  func startDraining() -> EventLoopFuture<Void> {
    let promise = channel.eventLoop.makePromise(of: Void.self)
    quiescing.initiateShutdown(promise: promise)
    removeFile()
    return promise.futureResult
  }

  /// A unix socket of our own leaves no file behind; one that was handed over belongs to the service manager.
  private func removeFile() {
    if case .unixSocket(let path) = wanted { UnixSocketFile.remove(path) }
  }

  /// Stops listening at once; used when another address could not be bound.
  func close() async {
    try? await channel.close().get()
    removeFile()
  }
}
