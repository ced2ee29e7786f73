/// A request header the user adds: `X-Scope-OrgID: tenant-1`.
package struct PushHeader: Sendable, Hashable {
  package let name: String
  package let value: String

  /// What the program sets itself, and what would put a secret on the command line.
  private static func refusal(of name: String, _ flagPrefix: String) -> String? {
    switch name.lowercased() {
    case "authorization": "is for every ps to see; use \(flagPrefix)basic-auth-file or \(flagPrefix)bearer-token-file"
    case "proxy-authorization", "cookie": "is for every ps to see"
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
