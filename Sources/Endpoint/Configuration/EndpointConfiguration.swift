internal import Glibc

/// How the server listens and what it allows.
package struct EndpointConfiguration: Sendable, Hashable {
  /// Where to listen: `--web.listen-address`, repeatable, or the sockets systemd handed over.
  package var listenAddresses: [ListenAddress]
  /// The path of the metrics: `--web.telemetry-path`.
  package var telemetryPath: String
  /// Requests served at the same time, further ones get 503 unless their client has no other under way: `--web.max-requests`, 0 is no limit.
  package var maxRequests: Int
  /// How much earlier than the client's scrape timeout to answer: `--timeout-offset`.
  package var timeoutOffset: Duration
  /// TLS, logins and headers: `--web.config.file`; `nil` serves plain HTTP to everyone.
  package var webConfigFile: String?
  /// The service manager to keep informed; `nil` if there is none.
  package var notifier: ServiceNotifier?
  /// The bounds on clients.
  package var limits: EndpointLimits

  /// A configuration with the defaults of the flags.
  /// - Throws: ``EndpointError/invalidTelemetryPath(text:problem:)``
  package init(
    listenAddresses: [ListenAddress] = [.anyAddress(port: 10097)],
    telemetryPath: String = "/metrics",
    maxRequests: Int = 40,
    timeoutOffset: Duration = .milliseconds(500),
    webConfigFile: String? = nil,
    notifier: ServiceNotifier? = nil,
    limits: EndpointLimits = EndpointLimits()
  ) throws(EndpointError) {
    func invalid(_ problem: String) -> EndpointError { .invalidTelemetryPath(text: telemetryPath, problem: problem) }
    guard telemetryPath.hasPrefix("/") else { throw invalid("it does not begin with /") }
    guard telemetryPath.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else {
      throw invalid("it contains a character that is not allowed in a URL path")
    }
    guard !Route.reservedPaths.contains(telemetryPath) else { throw invalid("the server answers something else there") }
    self.listenAddresses = listenAddresses
    self.telemetryPath = telemetryPath
    self.maxRequests = maxRequests
    self.timeoutOffset = timeoutOffset
    self.webConfigFile = webConfigFile
    self.notifier = notifier
    self.limits = limits
  }
}

/// How much one client, and all of them together, may take.
///
/// A client that follows the protocol meets none of these.
package struct EndpointLimits: Sendable, Hashable {
  /// Open connections over all listeners; further ones wait in the kernel's accept queue. Fewer where few files may be open.
  package var connections = 256
  /// Bytes of one header field, name and value.
  package var headerFieldBytes = 8 << 10
  /// Bytes of all header fields of a request, the request line included.
  package var headerBytes = 32 << 10
  /// Header fields of a request.
  package var headerFields = 100
  /// Bytes of a request body. No path here wants one; a small one is read and dropped so that the connection lives.
  package var bodyBytes = 64 << 10
  /// Requests that a client may send ahead of the answer it waits for.
  package var pipelinedRequests = 16
  /// From the first byte of a request, or from the start of a connection, to the end of the header.
  package var headerTimeout = Duration.seconds(10)
  /// From the end of the header to the end of the body.
  package var bodyTimeout = Duration.seconds(10)
  /// From the accepted connection to the end of the TLS handshake.
  package var handshakeTimeout = Duration.seconds(10)
  /// From the start of a response until the kernel has taken its last byte.
  package var responseTimeout = Duration.seconds(30)
  /// How long a connection may stay open between requests. Prometheus closes its own after five minutes.
  package var idleTimeout = Duration.seconds(330)
  /// How long running requests may go on after a shutdown was asked for.
  package var drainTimeout = Duration.seconds(10)

  /// The limits above.
  package init() {}

  /// The limits above, with no more connections than the process may open files: `RLIMIT_NOFILE`. Without that, one client could take every
  /// descriptor, and a collection could open nothing.
  ///
  /// The corresponding C function is `getrlimit`.
  package static var ofProcess: EndpointLimits {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return EndpointLimits() }
    return EndpointLimits(openFiles: Int(clamping: limit.rlim_cur))
  }

  /// The limits of a process that may have `openFiles` descriptors.
  package init(openFiles: Int) {
    connections = min(connections, max(Self.leastConnections, openFiles - Self.otherFiles))
  }

  /// Descriptors that are left to the event loop, the listeners, collections and pushes, which were seen to take 26 at most.
  private static let otherFiles = 64
  /// Connections however few files may be open: a scraper, a health check, a person, and one that hangs.
  private static let leastConnections = 4
}
