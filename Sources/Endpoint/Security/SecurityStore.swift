internal import Glibc
internal import Synchronization
internal import WebConfig

/// The web configuration in force. Reads it again when one of its files changes: a request or a new connection gets what the files say at
/// that moment. Open connections keep what they have.
///
/// While the files are broken, requests other than `/-/healthy` get 500, as from the exporter-toolkit, and new connections the last good
/// certificates. Logins, TLS and the demand for client certificates count as broken when they vanish while the server runs: a file that is
/// being rewritten is empty or cut short for a moment, and must not open the server to everyone.
final class SecurityStore: Sendable {
  private struct State {
    /// The last reading without an error.
    var policy: SecurityPolicy
    /// The files of the last reading, good or not, as they were before it.
    var stamps: [String: FileStamp?]
    /// When to read once more, whatever the stamps say: two writes within one tick of the file system's clock leave the same stamp.
    var confirmation: ContinuousClock.Instant?
    /// What is wrong with the files; `nil` if nothing is.
    var problem: String?
  }

  /// Longer than any tick of the clock that files are stamped by: 10 ms with CONFIG_HZ=100.
  private static let tick = Duration.milliseconds(50)
  /// How often to read files that change while they are being read. What they say after that is read by the next request.
  private static let attempts = 5

  private let path: String
  private let log: EndpointLog
  private let state: Mutex<State>

  /// Reads the file for the first time.
  /// - Throws: ``ConfigurationError``: a server does not start with a broken configuration.
  init(path: String, log: EndpointLog) throws(ConfigurationError) {
    self.path = path
    self.log = log
    var stamps: [String: FileStamp?] = [:]
    let policy = try Self.stable(path, previous: nil, &stamps)
    state = Mutex(State(policy: policy, stamps: stamps, confirmation: .now + Self.tick))
    for warning in policy.warnings { log(.warning, warning, [("file", path)]) }
  }

  /// The policy for a request; `nil` while the files are broken: such requests get 500.
  func current() -> SecurityPolicy? {
    state.withLock { state in
      refresh(&state)
      return state.problem == nil ? state.policy : nil
    }
  }

  /// The policy for a new connection: the last good one while the files are broken, so that the client can be told.
  func currentForConnection() -> SecurityPolicy {
    state.withLock { state in
      refresh(&state)
      return state.policy
    }
  }

  /// The last good policy, without a look at the files.
  var lastGood: SecurityPolicy { state.withLock(\.policy) }

  /// Reads the files whether they changed or not: SIGHUP.
  func reload() {
    state.withLock { read(&$0) }
  }

  private func refresh(_ state: inout State) {
    if Self.stamps(state.stamps.keys) != state.stamps {
      read(&state)
    } else if let confirmation = state.confirmation, confirmation <= .now {
      read(&state, isConfirmation: true)
    }
  }

  private func read(_ state: inout State, isConfirmation: Bool = false) {
    state.confirmation = isConfirmation ? nil : .now + Self.tick
    var stamps = state.stamps
    defer { state.stamps = stamps }
    do throws(ConfigurationError) {
      let policy = try Self.stable(path, previous: state.policy, &stamps)
      let isNews = !isConfirmation || state.problem != nil || policy.config != state.policy.config
      state.policy = policy
      state.problem = nil
      guard isNews else { return }
      log(.info, "web configuration loaded", [("file", path)])
      for warning in policy.warnings { log(.warning, warning, [("file", path)]) }
    } catch {
      let isNews = !isConfirmation || state.problem != error.description
      state.problem = error.description
      guard isNews else { return }
      log(.error, "web configuration is broken, requests get 500 until it is fixed", [("error", error.description)])
    }
  }

  /// Reads until no file changes meanwhile. `stamps` are taken before the content is read, so a write that comes later is seen later.
  private static func stable(
    _ path: String, previous: SecurityPolicy?, _ stamps: inout [String: FileStamp?]
  ) throws(ConfigurationError) -> SecurityPolicy {
    var files = Set([path] + (previous?.config.files ?? []))
    var result: Result<SecurityPolicy, ConfigurationError>
    var attempt = 0
    repeat {
      attempt += 1
      stamps = Self.stamps(files)
      files = [path]
      do throws(ConfigurationError) {
        let config = try WebConfig.load(path)
        files.formUnion(config.files)
        result = .success(try policy(config, previous: previous))
      } catch {
        // The files of the last good reading too: the error may be about one that is not yet complete.
        files.formUnion(previous?.config.files ?? [])
        result = .failure(error)
      }
    } while attempt < attempts && Self.stamps(files) != stamps
    return try result.get()
  }

  /// The policy of a configuration, unless it takes away what guards the server.
  private static func policy(_ config: WebConfig, previous: SecurityPolicy?) throws(ConfigurationError) -> SecurityPolicy {
    if let previous {
      guard (config.tls == nil) == (previous.config.tls == nil) else {
        throw config.error("tls_server_config", "TLS cannot be turned on or off while the server runs", hint: "restart it")
      }
      guard !config.users.isEmpty || previous.config.users.isEmpty else {
        throw config.error("basic_auth_users", "logins cannot be turned off while the server runs", hint: "restart it")
      }
      if let tls = config.tls, let before = previous.config.tls {
        let key = "tls_server_config"
        guard tls.clientAuthentication != .none || before.clientAuthentication == .none else {
          throw config.error(
            "\(key).client_auth_type", "client certificates cannot be turned off while the server runs", hint: "restart it")
        }
        guard !tls.clientAllowedSANs.isEmpty || before.clientAllowedSANs.isEmpty else {
          throw config.error("\(key).client_allowed_sans", "the list of names cannot be dropped while the server runs", hint: "restart it")
        }
      }
    }
    return try SecurityPolicy(config, previous: previous)
  }

  private static func stamps(_ paths: some Sequence<String>) -> [String: FileStamp?] {
    Dictionary(paths.map { ($0, FileStamp($0)) }, uniquingKeysWith: { first, _ in first })
  }
}

/// Tells whether a file is still the one it was, or was replaced, written or removed.
struct FileStamp: Sendable, Hashable {
  private let device: UInt64
  private let inode: UInt64
  private let size: Int64
  private let seconds: [Int]
  private let nanoseconds: [Int]

  /// The stamp of what a path leads to; `nil` when there is nothing.
  ///
  /// The corresponding C function is `stat`.
  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    seconds = [status.st_mtim.tv_sec, status.st_ctim.tv_sec]
    nanoseconds = [status.st_mtim.tv_nsec, status.st_ctim.tv_nsec]
  }
}
