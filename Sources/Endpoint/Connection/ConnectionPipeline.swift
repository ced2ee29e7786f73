internal import NIOCore
internal import NIOHTTP1

/// The handlers of a connection, from the socket to the requests.
enum ConnectionPipeline {
  /// Adds them to a new channel.
  static func add(
    to channel: any Channel, service: RequestService, connections: OpenConnections, limits: EndpointLimits, log: EndpointLog
  ) throws {
    var framing = HTTPResponseEncoder.Configuration()
    framing.automaticallySetFramingHeaders = true
    var bounds = NIOHTTPDecoderLimitConfiguration()
    bounds.maxHeaderFieldSize = limits.headerFieldBytes
    bounds.maxHeaderListSize = limits.headerBytes
    bounds.maxHeaderFieldCount = limits.headerFields
    let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: bounds)
    let pipeline = channel.pipeline.syncOperations
    let policy = service.access?.store.currentForConnection()
    let tls = policy?.makeHandler()
    if let tls { try pipeline.addHandler(tls) }
    try pipeline.addHandler(HTTPResponseEncoder(configuration: framing))
    try pipeline.addHandler(ByteToMessageHandler(decoder))
    try pipeline.addHandler(
      ConnectionHandler(
        service: service, connections: connections, limits: limits, isTLS: tls != nil, clientNames: policy?.clientNames, log: log))
  }
}
