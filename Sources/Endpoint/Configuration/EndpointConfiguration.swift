/// How the server listens and what it allows.
package struct EndpointConfiguration: Sendable, Hashable {
  /// Where to listen: `--web.listen-address`, repeatable, or the sockets systemd handed over.
  package var listenAddresses: [ListenAddress]
  /// The path of the metrics: `--web.telemetry-path`.
  package var telemetryPath: String
  /// Requests served at the same time, further ones get 503: `--web.max-requests`, 0 is no limit.
  package var maxRequests: Int
  /// What is kept of the scraper's time-out for the way back: `--timeout-offset`.
  package var timeoutOffset: Duration
  /// TLS, logins and headers: `--web.config.file`; `nil` serves plain HTTP to everyone.
  package var webConfigFile: String?
  /// The service manager to keep informed; `nil` when there is none.
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
      throw invalid("it holds a character that a path in a URL cannot have")
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
