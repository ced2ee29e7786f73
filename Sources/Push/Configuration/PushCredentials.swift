/// Where the secret of a push is. It is read again for every request, so that a rotated secret is picked up.
package enum PushCredentials: Sendable, Hashable {
  case none
  /// A file with `user:password` in its first line.
  case basic(file: String)
  /// A file with a token in its first line.
  case bearer(file: String)

  /// The file, if there is one.
  package var file: String? {
    switch self {
    case .none: nil
    case .basic(let file), .bearer(let file): file
    }
  }
}

/// A secret read from its file, for one request. It goes to libcurl and nowhere else: nothing that makes an error's text is handed one.
struct PushSecret: Sendable {
  /// How it authenticates.
  enum Scheme: Sendable { case basic, bearer }

  let scheme: Scheme
  /// `user:password` or the token.
  let text: String

  /// Reads the secret that `credentials` name; nil when there is none.
  init?(_ credentials: PushCredentials, readFile: (String) throws -> [UInt8]) throws(PushError) {
    guard let file = credentials.file else { return nil }
    let bytes: [UInt8]
    do {
      bytes = try readFile(file)
    } catch {
      throw PushError(.credentials, "the secret in \(file) cannot be read: \(error)")
    }
    let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    guard !line.isEmpty else { throw PushError(.credentials, "\(file) is empty where a secret should be, in its first line") }
    guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw PushError(.credentials, "the first line of \(file) has a control character in it")
    }
    switch credentials {
    case .basic:
      guard line.contains(":") else { throw PushError(.credentials, "the first line of \(file) is not user:password") }
      scheme = .basic
    case .bearer, .none: scheme = .bearer
    }
    text = line
  }
}
