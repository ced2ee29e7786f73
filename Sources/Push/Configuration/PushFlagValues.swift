internal import Exposition

/// The target of a push, split into the parts that are needed: `https://gateway.example:9091/prefix`.
package struct PushURL: Sendable, Hashable {
  /// What is wrong with a text that should be a target.
  package struct Problem: Error, Sendable, Hashable {
    package let problem: String
  }

  /// Scheme, authority and path, without a slash at the end: `http://gateway:9091`. This much is shown in errors.
  package let base: String
  /// From the question mark on, or empty: may hold a secret, and is never shown.
  let query: String

  package var isEncrypted: Bool { base.hasPrefix("https://") }

  /// Checks a target. Remote write without a path gets Prometheus' own, `/api/v1/write`.
  ///
  /// - Throws: what is wrong, without repeating the text: it may hold a password.
  package init(_ text: String, format: PushProtocol, flagPrefix: String = "--") throws(Problem) {
    guard let colon = text.firstRange(of: "://"), ["http", "https"].contains(text[..<colon.lowerBound].lowercased()) else {
      throw Problem(problem: "does not begin with http:// or https://")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw Problem(problem: "has a space or control character in it") }
    let rest = text[colon.upperBound...]
    let authority = rest.prefix { !"/?#".contains($0) }
    guard !authority.isEmpty, !authority.hasPrefix(":") else { throw Problem(problem: "has no host") }
    guard !authority.contains("@") else {
      throw Problem(
        problem:
          "has a user name in it, which would be visible in the process list; use \(flagPrefix)basic-auth-file or \(flagPrefix)bearer-token-file"
      )
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

/// A request header the user adds: `X-Scope-OrgID: tenant-1`.
package struct PushHeader: Sendable, Hashable {
  package let name: String
  package let value: String

  /// What the program sets itself, and what would put a secret on the command line.
  private static func refusal(of name: String, _ flagPrefix: String) -> String? {
    switch name.lowercased() {
    case "authorization": "would be visible in the process list; use \(flagPrefix)basic-auth-file or \(flagPrefix)bearer-token-file"
    case "proxy-authorization", "cookie": "would be visible in the process list"
    case "content-encoding": "follows from \(flagPrefix)compression"
    case "content-type", "content-length", "transfer-encoding", "x-prometheus-remote-write-version": "follows from what is pushed"
    default: nil
    }
  }

  /// Checks the values of `--header`.
  ///
  /// - Throws: what is wrong, without repeating the value.
  static func list(_ texts: [String], flagPrefix: String) throws(PushConfigurationError) -> [PushHeader] {
    var headers: [PushHeader] = []
    for text in texts {
      guard let colon = text.firstIndex(of: ":") else {
        throw PushConfigurationError(flag: "header", problem: "is not 'NAME: VALUE'; write for example 'X-Scope-OrgID: tenant-1'")
      }
      let name = String(text[..<colon])
      guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
        throw PushConfigurationError(flag: "header", problem: "its name is not made of letters, digits and hyphens")
      }
      if let reason = refusal(of: name, flagPrefix) { throw PushConfigurationError(flag: "header", problem: "\(name) \(reason)") }
      let value = text[text.index(after: colon)...].drop { $0 == " " }
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw PushConfigurationError(flag: "header", problem: "the value of \(name) has a control character in it")
      }
      headers.append(PushHeader(name: name, value: String(value)))
    }
    return headers
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
  }
}

/// The values of `--grouping`: `instance=web-1`. A value may be empty and may hold anything, equal signs too.
enum GroupingFlag {
  static func labels(_ texts: [String], flagPrefix: String) throws(PushConfigurationError) -> [MetricSeries.Label] {
    var labels: [MetricSeries.Label] = []
    for text in texts {
      guard let equals = text.firstIndex(of: "=") else {
        throw PushConfigurationError(flag: "grouping", problem: "\"\(text)\" is not LABEL=VALUE; write for example instance=web-1")
      }
      let name = String(text[..<equals])
      guard isLabelName(name) else {
        throw PushConfigurationError(
          flag: "grouping", problem: "\"\(name)\" is not a label name; use letters, digits and underscores, no digit first, not __ first")
      }
      guard name != "job" else { throw PushConfigurationError(flag: "grouping", problem: "the job is given by \(flagPrefix)job") }
      guard !labels.contains(where: { $0.name == name }) else {
        throw PushConfigurationError(flag: "grouping", problem: "\"\(name)\" is given twice")
      }
      labels.append(MetricSeries.Label(name: name, value: String(text[text.index(after: equals)...])))
    }
    return labels
  }

  private static func isLabelName(_ name: String) -> Bool {
    guard !name.isEmpty, !name.hasPrefix("__") else { return false }
    return name.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
      default: false
      }
    }
  }
}
