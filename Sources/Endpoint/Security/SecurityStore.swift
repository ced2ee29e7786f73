internal import Synchronization
internal import WebConfig

/// The web configuration in force. Reads it anew when one of its files changes: what a request or a new connection gets is what stands in
/// the files at that moment. Open connections go on with what they have.
final class SecurityStore: Sendable {
  private struct State {
    /// The last reading without an error.
    var policy: SecurityPolicy
    /// The files of the last reading, good or not.
    var stamps: [String: FileStamp?]
    var isBroken = false
  }

  private let path: String
  private let log: EndpointLog
  private let state: Mutex<State>

  /// Reads the file for the first time.
  /// - Throws: ``ConfigurationError``: a server does not start with a broken configuration.
  init(path: String, log: EndpointLog) throws(ConfigurationError) {
    self.path = path
    self.log = log
    let config = try WebConfig.load(path)
    let policy = try SecurityPolicy(config)
    state = Mutex(State(policy: policy, stamps: Self.stamps([path] + config.files)))
    for warning in policy.warnings { log(.warning, warning, [("file", path)]) }
  }

  /// The policy for a request; `nil` while the file is broken: such requests get 500.
  func current() -> SecurityPolicy? {
    state.withLock { state in
      if Self.stamps(Array(state.stamps.keys)) != state.stamps { read(&state) }
      return state.isBroken ? nil : state.policy
    }
  }

  /// The policy for a new connection: the last good one while the file is broken, so that the client can be told.
  func currentForConnection() -> SecurityPolicy {
    _ = current()
    return state.withLock { $0.policy }
  }

  /// Reads the file whether it changed or not: SIGHUP.
  func reload() {
    state.withLock { read(&$0) }
  }

  private func read(_ state: inout State) {
    var files = [path] + state.policy.config.files
    do throws(ConfigurationError) {
      let config = try WebConfig.load(path)
      files += config.files
      state.stamps = Self.stamps(files)
      guard (config.tls == nil) == (state.policy.tls == nil) else {
        throw config.error("tls_server_config", "TLS cannot be turned on or off while the server runs", hint: "restart it")
      }
      let policy = try SecurityPolicy(config, previous: state.policy)
      state = State(policy: policy, stamps: Self.stamps([path] + config.files))
      log(.info, "web configuration loaded", [("file", path)])
      for warning in policy.warnings { log(.warning, warning, [("file", path)]) }
    } catch {
      state.stamps = Self.stamps(files)
      state.isBroken = true
      log(.error, "web configuration is broken, requests get 500 until it is mended", [("error", error.description)])
    }
  }

  private static func stamps(_ paths: [String]) -> [String: FileStamp?] {
    Dictionary(paths.map { ($0, FileStamp($0)) }, uniquingKeysWith: { first, _ in first })
  }
}
