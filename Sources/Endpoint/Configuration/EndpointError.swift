package import WebConfig

/// Why the server cannot start. Every case reads as one sentence with the remedy.
package enum EndpointError: Error, Sendable, Hashable {
  /// The text of `--web.listen-address` says no address.
  case invalidListenAddress(text: String, problem: String)
  /// The telemetry path is not a path, or one the server needs itself.
  case invalidTelemetryPath(text: String, problem: String)
  /// `bind` or `listen` failed.
  case cannotListen(address: ListenAddress, cause: String, remedy: String)
  /// The web configuration is broken.
  case invalidWebConfig(ConfigurationError)
  /// `--web.systemd-socket` without a socket that could be used.
  case noInheritedSocket(problem: String)
  /// The server was started a second time, or after it was shut down.
  case alreadyStarted
}

extension EndpointError: CustomStringConvertible {
  /// The sentence for the user.
  package var description: String {
    switch self {
    case .invalidListenAddress(let text, let problem):
      "--web.listen-address \"\(text)\": \(problem); write :PORT, ADDRESS:PORT, [IPV6]:PORT or unix:/PATH"
    case .invalidTelemetryPath(let text, let problem):
      "--web.telemetry-path \"\(text)\": \(problem); write a path such as /metrics"
    case .cannotListen(let address, let cause, let remedy):
      "--web.listen-address \(address): \(cause); \(remedy)"
    case .invalidWebConfig(let error):
      error.description
    case .noInheritedSocket(let problem):
      "--web.systemd-socket: \(problem); start the program through its socket unit, or leave the flag out"
    case .alreadyStarted:
      "this server was started before; make a new one"
    }
  }
}
