/// A secret read from its file, for one push. It is never shown: texts that may repeat it go through `redacted`.
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

  /// `message` without the secret, or for a login its password, in case a server repeats what it was sent.
  func redacted(_ message: String) -> String {
    let password = scheme == .basic ? String(text.drop { $0 != ":" }.dropFirst()) : text
    var result = message
    for secret in [text, password, GroupingPath.base64(text)] where secret.utf8.count >= 4 {
      while let range = result.firstRange(of: secret) { result.replaceSubrange(range, with: "<secret>") }
    }
    return result
  }
}
