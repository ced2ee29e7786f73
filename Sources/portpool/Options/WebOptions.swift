internal import ArgumentParser
internal import Endpoint

/// How the exporter serves. The flags are named as those of the official exporters.
struct WebOptions: ParsableArguments {
  @Option(
    name: .customLong("web.listen-address"),
    help: ArgumentHelp(
      "Where to listen: :PORT, ADDRESS:PORT, [IPV6]:PORT or unix:/PATH. May be repeated (default: :10097).", valueName: "address"))
  var listenAddresses: [String] = []

  @Flag(
    name: .customLong("web.systemd-socket"), help: "Serve on the sockets of a systemd socket unit, instead of --web.listen-address.")
  var systemdSocket = false

  @Option(name: .customLong("web.telemetry-path"), help: ArgumentHelp("The path of the metrics.", valueName: "path"))
  var telemetryPath = "/metrics"

  @Option(
    name: .customLong("web.config.file"),
    help: ArgumentHelp(
      "A file with TLS, logins, headers and a rate limit, in the format of the official Prometheus exporters. Reloaded when it changes.",
      valueName: "file"))
  var configFile: String?

  @Option(
    name: .customLong("web.max-requests"),
    help: ArgumentHelp("How many requests are served at the same time; others get 503. 0 for no limit.", valueName: "n"))
  var maxRequests = 40

  @Flag(name: .customLong("web.disable-exporter-metrics"), help: "Leave out the metrics about the exporter's own process (process_*).")
  var disableExporterMetrics = false

  @Flag(
    name: .customLong("web.peers"), inversion: .prefixedNo,
    help: "Show the addresses and ports of peers: on the page, in the JSON snapshot, and in metrics, which may be pushed.")
  var showsPeers = true

  @Option(
    name: .customLong("timeout-offset"),
    help: ArgumentHelp("Subtract this from the scrape timeout, to answer in time.", valueName: "seconds"))
  var timeoutOffset = 0.5

  func validate() throws {
    guard maxRequests >= 0 else { throw ValidationError("--web.max-requests \(maxRequests): expected 0 or more.") }
    guard timeoutOffset >= 0, timeoutOffset < 3600 else {
      throw ValidationError("--timeout-offset \(timeoutOffset): expected seconds, 0 or more.")
    }
    do { _ = try configuration(listenAddresses: flagAddresses()) } catch { throw ValidationError("\(error)") }
  }

  /// - Throws: `EndpointError` with `--web.systemd-socket`, if the service manager passed no socket.
  func endpointConfiguration() throws -> EndpointConfiguration {
    try configuration(listenAddresses: systemdSocket ? InheritedSockets.addresses() : flagAddresses())
  }

  private func flagAddresses() throws -> [ListenAddress] {
    listenAddresses.isEmpty ? [.anyAddress(port: 10097)] : try listenAddresses.map { try ListenAddress($0) }
  }

  private func configuration(listenAddresses: [ListenAddress]) throws -> EndpointConfiguration {
    try EndpointConfiguration(
      listenAddresses: listenAddresses,
      telemetryPath: telemetryPath, maxRequests: maxRequests, timeoutOffset: .seconds(timeoutOffset),
      webConfigFile: configFile,
      notifier: ServiceNotifier.ofProcess(), limits: .ofProcess)
  }
}
