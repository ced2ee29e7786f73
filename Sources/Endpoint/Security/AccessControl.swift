internal import NIOHTTP1
internal import Synchronization
internal import WebConfig

/// Who may be answered: the checks that stand before every path, in the order of the exporter-toolkit.
final class AccessControl: Sendable {
  /// What becomes of a request.
  enum Admission: Sendable {
    case admitted
    case refused(Response)
    /// The password has to be compared first.
    case unverified(Login)
  }

  /// A login that is not known to be good.
  struct Login: Sendable {
    let password: [UInt8]
    let hash: String
    let digest: [UInt8]
    let isKnownUser: Bool
  }

  let store: SecurityStore
  private let cache = LoginCache()
  private let queue = LoginQueue()

  init(store: SecurityStore) {
    self.store = store
  }

  /// Decides what can be decided at once, and which headers the answer gets in any case.
  func admit(_ head: HTTPRequestHead) -> (admission: Admission, headers: [HeaderSetting]) {
    guard let policy = policy(for: head) else { return (.refused(Self.misconfigured), []) }
    let headers = policy.config.headers
    if let limiter = policy.limiter, !limiter.allows() {
      return (.refused(.text(.tooManyRequests, "Too Many Requests")), headers)
    }
    return (login(of: head, policy), headers)
  }

  /// What becomes of the request's login alone, the rate limit aside.
  func login(of head: HTTPRequestHead) -> Admission {
    guard let policy = policy(for: head) else { return .refused(Self.misconfigured) }
    return login(of: head, policy)
  }

  /// The policy in force; while the files are broken, the last good one for the check whether the process lives, which no restart would mend,
  /// and none for anything else.
  private func policy(for head: HTTPRequestHead) -> SecurityPolicy? {
    if let policy = store.current() { return policy }
    return RequestTarget(head.uri)?.path == Route.healthyPath ? store.lastGood : nil
  }

  private func login(of head: HTTPRequestHead, _ policy: SecurityPolicy) -> Admission {
    if policy.config.users.isEmpty { return .admitted }
    let authorization = head.headers["Authorization"]
    guard authorization.count == 1, let credentials = BasicCredentials(authorization[0]) else { return .refused(Self.unauthorized) }
    let hash = String(validating: credentials.user, as: UTF8.self).flatMap { policy.config.users[$0] }
    let digest = cache.digest(credentials, hash: hash ?? policy.decoy)
    if hash != nil, cache.contains(digest) { return .admitted }
    return .unverified(Login(password: credentials.password, hash: hash ?? policy.decoy, digest: digest, isKnownUser: hash != nil))
  }

  /// Compares the password; `nil` when the login is good.
  func verify(_ login: Login, address: String) async -> Response? {
    switch await queue.check(login.password, hash: login.hash, address: address) {
    case .right where login.isKnownUser:
      cache.insert(login.digest)
      return nil
    case .right, .wrong: return Self.unauthorized
    case .busy:
      var response = Response.text(.serviceUnavailable, "Too many logins are being checked, try again.")
      response.headers.add(name: "Retry-After", value: "1")
      return response
    }
  }

  /// Ends the thread that compares passwords.
  func shutdown() async {
    await queue.shutdown()
  }

  private static var misconfigured: Response { .text(.internalServerError, "Internal Server Error") }

  private static var unauthorized: Response {
    var response = Response.text(.unauthorized, "Unauthorized")
    response.headers.add(name: "WWW-Authenticate", value: "Basic realm=\"Portpool\", charset=\"UTF-8\"")
    return response
  }
}

/// Remembers logins that were verified, so that a client pays for bcrypt once and not at every scrape.
///
/// What is kept is an HMAC of name, password and hash under a random key of this process: not the password, nothing that a stolen memory
/// image can be searched for with a dictionary without the key, and nothing two logins can share: a collision would be a login.
/// Only good logins are kept: wrong ones would push them out.
final class LoginCache: Sendable {
  private static let limit = 256

  private let key: [UInt8]
  private let digests = Mutex<Set<[UInt8]>>([])

  init() {
    var random = SystemRandomNumberGenerator()
    key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
  }

  /// The digest of a login. The lengths stand before the parts, so that no two logins have the same bytes.
  func digest(_ credentials: BasicCredentials, hash: String) -> [UInt8] {
    var message: [UInt8] = []
    for part in [credentials.user, credentials.password, Array(hash.utf8)] {
      for shift in stride(from: 24, through: 0, by: -8) { message.append(UInt8(truncatingIfNeeded: part.count >> shift)) }
      message += part
    }
    return HMAC.digest(message, key: key)
  }

  func contains(_ digest: [UInt8]) -> Bool { digests.withLock { $0.contains(digest) } }

  func insert(_ digest: [UInt8]) {
    digests.withLock { digests in
      if digests.count >= Self.limit { digests.removeAll() }
      digests.insert(digest)
    }
  }
}
