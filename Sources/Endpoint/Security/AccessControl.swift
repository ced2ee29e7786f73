internal import NIOHTTP1
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
    guard let policy = store.current() else { return (.refused(.text(.internalServerError, "Internal Server Error")), []) }
    let headers = policy.config.headers
    if let limiter = policy.limiter, !limiter.allows() {
      return (.refused(.text(.tooManyRequests, "Too Many Requests")), headers)
    }
    if policy.config.users.isEmpty { return (.admitted, headers) }
    let authorization = head.headers["Authorization"]
    guard authorization.count == 1, let credentials = BasicCredentials(authorization[0]) else {
      return (.refused(Self.unauthorized), headers)
    }
    let hash = String(validating: credentials.user, as: UTF8.self).flatMap { policy.config.users[$0] }
    let digest = cache.digest(credentials, hash: hash ?? policy.decoy)
    if hash != nil, cache.contains(digest) { return (.admitted, headers) }
    let login = Login(password: credentials.password, hash: hash ?? policy.decoy, digest: digest, isKnownUser: hash != nil)
    return (.unverified(login), headers)
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

  private static var unauthorized: Response {
    var response = Response.text(.unauthorized, "Unauthorized")
    response.headers.add(name: "WWW-Authenticate", value: "Basic realm=\"Portpool\", charset=\"UTF-8\"")
    return response
  }
}
