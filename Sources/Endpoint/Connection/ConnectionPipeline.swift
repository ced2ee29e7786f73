package import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// The handlers of a connection, from the socket to the requests.
enum ConnectionPipeline {
  /// Adds them to a new channel, with TLS before them where the web configuration says so.
  static func add(
    to channel: any Channel, service: RequestService, connections: OpenConnections, limits: EndpointLimits, log: EndpointLog
  ) throws {
    let policy = service.access?.store.currentForConnection()
    let tls = policy?.makeHandler()
    if let tls { try channel.pipeline.syncOperations.addHandler(tls) }
    try addHTTP(
      to: channel, service: service, connections: connections, limits: limits, isTLS: tls != nil, clientNames: policy?.clientNames, log: log
    )
  }

  /// Adds the parser, the writer and the handler of requests.
  static func addHTTP(
    to channel: any Channel, service: any RequestAnswering, connections: OpenConnections, limits: EndpointLimits, isTLS: Bool,
    clientNames: ClientNameRule?, log: EndpointLog
  ) throws {
    var bounds = NIOHTTPDecoderLimitConfiguration()
    bounds.maxHeaderFieldSize = limits.headerFieldBytes
    bounds.maxHeaderListSize = limits.headerBytes
    bounds.maxHeaderFieldCount = limits.headerFields
    let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: bounds)
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(HTTPResponseEncoder())
    try pipeline.addHandler(ByteToMessageHandler(decoder))
    try pipeline.addHandler(
      ConnectionHandler(service: service, connections: connections, limits: limits, isTLS: isTLS, clientNames: clientNames, log: log))
  }
}

/// A connection without a program behind it, for tests that feed bytes by hand: every request that the parser and the limits let through
/// is answered at once with its method and target, and with what was understood of it.
///
/// `GET /a?b=c`, `/a b false -`
package enum ConnectionProbe {
  private struct Echo: RequestAnswering {
    func decide(_ head: HTTPRequestHead, from address: String) -> RequestDecision {
      let echo = "\(head.method.rawValue) \(head.uri)\n"
      guard let target = RequestTarget(head.uri) else { return .answer(.text(.badRequest, echo)) }
      let names = target.query.map(\.name).joined(separator: ",")
      let login = BasicCredentials(head.headers.first(name: "Authorization")) != nil
      let budget = ScrapeTimeout.budget(head.headers.first(name: ScrapeTimeout.headerName), offset: .milliseconds(500))
      return .answer(.text(.ok, echo + "\(target.path) \(names) \(login) \(budget.map { "\($0)" } ?? "-")"))
    }

    func refusesAnyBody(_ head: HTTPRequestHead) -> Bool { false }

    func perform(_ work: @Sendable () async -> Response) async -> Response { await work() }
  }

  /// Adds the handlers of a plain connection to a channel, such as an embedded one.
  package static func install(on channel: any Channel, limits: EndpointLimits = EndpointLimits()) throws {
    try ConnectionPipeline.addHTTP(
      to: channel, service: Echo(), connections: OpenConnections(limit: limits.connections), limits: limits, isTLS: false, clientNames: nil,
      log: EndpointLog(level: .error) { _ in })
  }
}
