internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import WebConfig

/// The HTTP server: `/metrics`, the page, the JSON document and the health checks.
///
/// ```swift
/// let endpoint = Endpoint(configuration: configuration, content: content, log: log)
/// let addresses = try await endpoint.bind()
/// try await endpoint.run()        // until the task is cancelled or shutdown() is called
/// ```
package final class Endpoint: Sendable {
  private enum State {
    case new
    case binding
    case bound(MultiThreadedEventLoopGroup, [Listener], RequestService)
    case over
  }

  private let configuration: EndpointConfiguration
  private let content: EndpointContent
  private let connections: OpenConnections
  private let log: EndpointLog
  private let state = Mutex(State.new)
  private let stopRequests: AsyncStream<Void>
  private let stop: AsyncStream<Void>.Continuation

  /// A server that does not listen yet.
  package init(configuration: EndpointConfiguration, content: EndpointContent, log: EndpointLog) {
    self.configuration = configuration
    self.content = content
    self.log = log
    connections = OpenConnections(limit: configuration.limits.connections)
    (stopRequests, stop) = AsyncStream.makeStream()
  }

  /// The places it listens on, in the order of the configuration; empty before ``bind()`` and after the end of ``run()``.
  package var boundAddresses: [BoundAddress] {
    state.withLock { state in
      guard case .bound(_, let listeners, _) = state else { return [] }
      return listeners.map(\.address)
    }
  }

  /// Whether ``run()`` has begun and no shutdown was requested: what `/-/ready` says.
  package var isServing: Bool { boundService?.isServing ?? false }

  private var boundService: RequestService? {
    state.withLock { state in
      if case .bound(_, _, let service) = state { service } else { nil }
    }
  }

  /// How many connections are open.
  package var openConnections: Int { connections.count }

  /// Listens on every configured address. Requests are answered from now on.
  /// - Throws: ``EndpointError``; nothing listens then.
  @discardableResult
  package func bind() async throws(EndpointError) -> [BoundAddress] {
    let isFirst = state.withLock { state in
      guard case .new = state else { return false }
      state = .binding
      return true
    }
    guard isFirst else { throw .alreadyStarted }
    let service = try makeService()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var listeners: [Listener] = []
    for address in configuration.listenAddresses {
      do throws(EndpointError) {
        listeners.append(
          try await Listener.listen(
            on: address, group: group, service: service, connections: connections, limits: configuration.limits, log: log))
      } catch {
        for listener in listeners { await listener.close() }
        listeners = []
        try? await group.shutdownGracefully()
        state.withLock { $0 = .over }
        throw error
      }
    }
    let bound = listeners
    state.withLock { $0 = .bound(group, bound, service) }
    for listener in bound { log(.info, "listening", [("address", listener.address.description)]) }
    return bound.map(\.address)
  }

  private func makeService() throws(EndpointError) -> RequestService {
    do throws(ConfigurationError) {
      let store = try configuration.webConfigFile.map { path throws(ConfigurationError) in try SecurityStore(path: path, log: log) }
      return RequestService(configuration: configuration, content: content, access: store.map { AccessControl(store: $0) })
    } catch {
      state.withLock { $0 = .over }
      throw .invalidWebConfig(error)
    }
  }

  /// Reads the web configuration again, as happens by itself when its files change: for SIGHUP.
  package func reload() {
    let isServing = isServing
    if isServing { configuration.notifier?.reloading() }
    boundService?.access?.store.reload()
    if isServing { notifyReady() }
  }

  private func notifyReady() { configuration.notifier?.ready(servingStatus) }

  private var servingStatus: String { "Serving on \(boundAddresses.map(\.description).joined(separator: ", "))" }

  /// Tells the service manager twice per interval that the program is alive. The message takes the event loop and the thread pool that
  /// requests take, so that a program in which one of them hangs is restarted. So is one in which all collectors hang: there is nothing left
  /// to lose. While some of them work, a restart would put that at risk, since a process may be impossible to end while a read hangs in it.
  private func startWatchdog() -> Task<Void, Never>? {
    let group: MultiThreadedEventLoopGroup? = state.withLock { state in
      if case .bound(let group, _, _) = state { group } else { nil }
    }
    guard let group, let notifier = configuration.notifier, let interval = notifier.watchdogInterval else { return nil }
    return Task {
      var told: Hindrance?
      while !Task.isCancelled {
        try? await group.next().submit {}.get()
        let hindrance = content.hindrance()
        if hindrance?.isTotal != true { notifier.alive() }
        if hindrance != told { notifier.status(hindrance.map { "Serving in part: \($0.reason)" } ?? servingStatus) }
        told = hindrance
        try? await Task.sleep(for: interval / 2)
      }
    }
  }

  /// Serves until the task is cancelled or ``shutdown()`` is called; then lets running requests end, for `drainTimeout` at most.
  /// - Throws: ``EndpointError`` when it cannot listen.
  package func run() async throws(EndpointError) {
    let isNew = state.withLock { state in
      if case .new = state { true } else { false }
    }
    if isNew { try await bind() }
    boundService?.setReady(true)
    let watchdog = startWatchdog()
    notifyReady()
    for await _ in stopRequests {}
    configuration.notifier?.stopping()
    await drain(watchdog)
  }

  /// Ends ``run()``. Safe to call from anywhere, any number of times.
  package func shutdown() {
    stop.finish()
  }

  private func drain(_ watchdog: Task<Void, Never>?) async {
    let bound: (MultiThreadedEventLoopGroup, RequestService)? = state.withLock { state in
      if case .bound(let group, _, let service) = state { (group, service) } else { nil }
    }
    guard let (group, service) = bound else { return }
    // In a separate task: the task of run() may be cancelled already, which must not cut the drain short.
    await Task { await drainListeners(service) }.value
    if !service.isWorking { await service.access?.shutdown() }
    watchdog?.cancel()
    await watchdog?.value
    // Work whose connection was closed still returns to the event loop, which is therefore left running until the process ends.
    if service.isWorking { return }
    // The quiescing helpers must be released before their event loop ends: that is why the function above is separate.
    try? await group.shutdownGracefully()
  }

  private func drainListeners(_ service: RequestService) async {
    let listeners: [Listener] = state.withLock { state in
      guard case .bound(_, let listeners, _) = state else { return [] }
      state = .over
      return listeners
    }
    service.setReady(false)
    log(.info, "shutting down", [("connections", String(connections.count))])
    let drained = listeners.map { $0.startDraining() }
    let timeout = Task {
      try await Task.sleep(for: configuration.limits.drainTimeout)
      log(.warning, "requests did not end in time, closing their connections", [("connections", String(connections.count))])
      connections.closeAll()
    }
    for future in drained { try? await future.get() }
    timeout.cancel()
  }
}
