/// The target of a push, taken apart as far as needed: `https://gateway.example:9091/prefix`.
package struct PushURL: Sendable, Hashable {
  /// What is wrong with a text that should be a target.
  package struct Problem: Error, Sendable, Hashable {
    package let problem: String
  }

  /// Scheme, authority and path, without a slash at the end: `http://gateway:9091`. This much is shown in errors.
  package let base: String
  /// From the question mark on, or empty: may hold a secret and is never shown.
  let query: String

  package var isEncrypted: Bool { base.hasPrefix("https://") }

  /// Checks a target. Remote write without a path gets Prometheus' own, `/api/v1/write`.
  ///
  /// - Throws: what is wrong, without repeating the text: it may hold a password.
  package init(_ text: String, format: PushFormat, flagPrefix: String = "--") throws(Problem) {
    guard let colon = text.firstRange(of: "://"), ["http", "https"].contains(text[..<colon.lowerBound].lowercased()) else {
      throw Problem(problem: "does not begin with http:// or https://")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw Problem(problem: "has a space or control character in it") }
    let rest = text[colon.upperBound...]
    let authority = rest.prefix { !"/?#".contains($0) }
    guard !authority.isEmpty, !authority.hasPrefix(":") else { throw Problem(problem: "has no host") }
    guard !authority.contains("@") else {
      throw Problem(
        problem: "has a user name in it, for every ps to see; use \(flagPrefix)basic-auth-file or \(flagPrefix)bearer-token-file")
    }
    guard !rest.contains("#") else { throw Problem(problem: "has a fragment, which a server never sees") }
    let afterAuthority = rest[authority.endIndex...]
    var path = afterAuthority.prefix { $0 != "?" }
    let query = afterAuthority[path.endIndex...]
    guard query.isEmpty || format == .remoteWrite else { throw Problem(problem: "has a query, which a Pushgateway does not take") }
    while path.hasSuffix("/") { path = path.dropLast() }
    if path.isEmpty && format == .remoteWrite { path = "/api/v1/write" }
    base = text[..<colon.lowerBound].lowercased() + "://" + authority + path
    self.query = String(query)
  }
}
