internal import NIOCore
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
