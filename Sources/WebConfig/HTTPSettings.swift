/// One of `http_server_config.headers`: a header that every answer carries.
package struct HeaderSetting: Sendable, Hashable {
  /// `Strict-Transport-Security`
  package let name: String
  /// `max-age=31536000`
  package let value: String

  /// The names that can be set, each with the values it takes; none listed takes any.
  static let allowed: [(name: String, values: [String])] = [
    ("Strict-Transport-Security", []),
    ("X-Content-Type-Options", ["nosniff"]),
    ("X-Frame-Options", ["deny", "sameorigin"]),
    ("X-XSS-Protection", []),
    ("Content-Security-Policy", []),
  ]
}

/// `rate_limit`: how many requests all clients together may make.
package struct RateLimitSettings: Sendable, Hashable {
  /// `interval`: the time in which one more request becomes allowed.
  package let interval: Duration
  /// `burst`: how many may come at once.
  package let burst: Int
}

/// The text form of a bcrypt hash: `$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi`.
package enum BcryptHash {
  /// `$2y$10$`, 22 letters of salt and 31 of hash.
  private static let length = 60

  /// What is wrong with a hash, or `nil`.
  static func problem(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    if bytes.count < length { return "this is too short to be a bcrypt hash" }
    guard bytes.count == length, ["$2a$", "$2b$", "$2y$"].contains(String(text.prefix(4))), bytes[6] == UInt8(ascii: "$") else {
      return "this is not a bcrypt hash ($2a$, $2b$ or $2y$)"
    }
    guard cost(text) != nil else { return "the cost of a bcrypt hash is from 04 to 31" }
    let alphabet = Set("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    guard bytes[7...].allSatisfy(alphabet.contains) else { return "this hash contains a character that bcrypt does not use" }
    return nil
  }

  /// The cost: the time of a check doubles with each step. `nil` for a text that is no hash.
  package static func cost(_ text: String) -> Int? {
    let digits = text.dropFirst(4).prefix(2)
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let cost = Int(digits), (4...31).contains(cost) else { return nil }
    return cost
  }
}

/// A time as Go writes it: `1s`, `1m30s`, `500ms`, or a plain number of nanoseconds. `time.ParseDuration`
enum GoDuration {
  private static let units: [(name: String, nanoseconds: Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12),
  ]

  /// The time, or `nil` for a text that is not a duration, or for more than a year.
  static func parse(_ text: String) -> Duration? {
    if let nanoseconds = Int(text) { return nanoseconds.magnitude < UInt(Int32.max) * 1_000_000 ? .nanoseconds(nanoseconds) : nil }
    var rest = Substring(text)
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
    guard !rest.isEmpty else { return nil }
    var total = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let value = Double(number) else { return nil }
      rest = rest.dropFirst(number.count)
      let name = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
      guard let unit = units.first(where: { $0.name == name }) else { return nil }
      rest = rest.dropFirst(name.count)
      total += value * unit.nanoseconds
    }
    guard total < 3.2e16 else { return nil }
    return .nanoseconds(Int(isNegative ? -total : total))
  }
}
