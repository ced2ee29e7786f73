internal import Synchronization

/// Remembers logins that were verified, so that a scraper pays for bcrypt once and not at every scrape.
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
