internal import NIOCore
internal import NIOSSL
internal import Synchronization
package import WebConfig

/// One reading of the web configuration, ready for use.
struct SecurityPolicy: Sendable {
  let config: WebConfig
  /// For new connections; `nil` serves plain HTTP.
  let tls: NIOSSLContext?
  let limiter: RateLimiter?
  /// The hash that unknown users are compared with, so that they cost as much as known ones: the costliest of all.
  let decoy: String

  /// Loads the certificates and checks that the TLS library takes everything.
  /// - Parameter previous: The policy in force, whose rate limiter goes on when its settings stay.
  /// - Throws: ``ConfigurationError``
  init(_ config: WebConfig, previous: SecurityPolicy? = nil) throws(ConfigurationError) {
    self.config = config
    tls = try config.tls.map { settings throws(ConfigurationError) in
      try TLSContextBuilder(config: config, settings: settings).context()
    }
    if let limiter = previous?.limiter, limiter.settings == config.rateLimit {
      self.limiter = limiter
    } else {
      limiter = config.rateLimit.map { RateLimiter($0) }
    }
    decoy = config.users.values.max { (BcryptHash.cost($0) ?? 0) < (BcryptHash.cost($1) ?? 0) } ?? ""
  }

  /// The rule for names of client certificates, if there is one.
  var clientNames: ClientNameRule? {
    guard let names = config.tls?.clientAllowedSANs, !names.isEmpty else { return nil }
    return ClientNameRule(allowed: Set(names))
  }

  /// A TLS handler for a new connection; `nil` for plain HTTP.
  func makeHandler() -> NIOSSLServerHandler? {
    guard let tls, let settings = config.tls else { return nil }
    switch settings.clientAuthentication {
    // A certificate is asked for, but any will do: the library's own verification is replaced by one that agrees.
    case .request, .requireAny:
      return NIOSSLServerHandler(context: tls) { _, promise in promise.succeed(.certificateVerified) }
    case .none, .verifyIfGiven, .requireAndVerify: return NIOSSLServerHandler(context: tls)
    }
  }

  /// What a careful administrator should know; each a sentence.
  var warnings: [String] {
    var warnings: [String] = []
    if let tls = config.tls, tls.clientAuthentication.verifies, tls.clientCA == nil {
      warnings.append(
        "client certificates are verified against the CAs of this system, so the clients of every public CA come in: name client_ca_file")
    }
    for (user, hash) in config.users.sorted(by: { $0.key < $1.key }) {
      guard let cost = BcryptHash.cost(hash), cost > 14 else { continue }
      warnings.append("the bcrypt cost \(cost) of user \(user) makes one login take seconds: use 10 to 12")
    }
    return warnings
  }
}

/// `client_allowed_sans`: which names a client's certificate may have. RFC 5280 section 4.2.1.6
struct ClientNameRule: Sendable {
  let allowed: Set<String>

  /// Whether the certificate has one of the names: a DNS name, an e-mail address, an IP address or a URI, letter for letter.
  func admits(_ certificate: NIOSSLCertificate) -> Bool {
    certificate._subjectAlternativeNames().contains { name in
      Self.text(name).map(allowed.contains) ?? false
    }
  }

  private static func text(_ name: _SubjectAlternativeName) -> String? {
    let bytes = Array(name.contents)
    switch name.nameType {
    case .dnsName, .email, .uri: return String(validating: bytes, as: UTF8.self)
    case .ipAddress: return try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0).ipAddress
    default: return nil
    }
  }
}

/// A token bucket for all clients together: `burst` requests at once, and one more in each `interval`.
final class RateLimiter: Sendable {
  let settings: RateLimitSettings
  private let state: Mutex<(tokens: Double, time: ContinuousClock.Instant)>

  init(_ settings: RateLimitSettings, now: ContinuousClock.Instant = .now) {
    self.settings = settings
    state = Mutex((Double(settings.burst), now))
  }

  /// Takes a token; `false` when there is none.
  func allows(now: ContinuousClock.Instant = .now) -> Bool {
    state.withLock { state in
      let gained = (now - state.time) / settings.interval
      state.tokens = min(Double(settings.burst), state.tokens + max(0, gained))
      state.time = max(now, state.time)
      guard state.tokens >= 1 else { return false }
      state.tokens -= 1
      return true
    }
  }
}

/// What `portpool check-config FILE` does: everything that a start would do with the file, without listening.
package enum WebConfigCheck {
  /// Reads the file, loads its certificates, and returns what a careful administrator should know.
  /// - Throws: ``ConfigurationError``
  package static func check(_ path: String) throws(ConfigurationError) -> [String] {
    try SecurityPolicy(try WebConfig.load(path)).warnings
  }
}
