extension WebConfigReader {
  /// `http_server_config.headers`
  func headers(_ node: YAMLNode) throws(ConfigurationError) -> [HeaderSetting] {
    let path = "http_server_config.headers"
    var headers: [HeaderSetting] = []
    for entry in try entries(node, at: path) {
      let key = Self.join(path, entry.key)
      guard let rule = HeaderSetting.allowed.first(where: { $0.name == entry.key }) else {
        let names = HeaderSetting.allowed.map(\.name)
        let hint =
          NameSuggestion.closest(to: entry.key, among: names).map { "did you mean \"\($0)\"?" }
          ?? "these can: \(names.joined(separator: ", "))"
        throw error(entry.line, key, "this header cannot be set", hint)
      }
      let value = try text(entry.value, at: key)
      guard rule.values.isEmpty || rule.values.contains(value) else {
        throw error(entry.value.line, key, "the value \"\(value)\" is not allowed", "write \(rule.values.joined(separator: " or "))")
      }
      // RFC 9110 section 5.5: a field value has no line breaks and no other control characters.
      guard value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }) else {
        throw error(entry.value.line, key, "the value holds a line break or another control character", "write it on one line")
      }
      headers.append(HeaderSetting(name: entry.key, value: value))
    }
    return headers
  }

  /// `basic_auth_users`
  func users(_ node: YAMLNode) throws(ConfigurationError) -> [String: String] {
    let path = "basic_auth_users"
    var users: [String: String] = [:]
    for entry in try entries(node, at: path) {
      let key = Self.join(path, entry.key)
      let hash = try text(entry.value, at: key)
      if let problem = BcryptHash.problem(hash) {
        throw error(entry.value.line, key, problem, "make one with: htpasswd -nBC 10 \"\" | tr -d ':\\n'")
      }
      users[entry.key] = hash
    }
    return users
  }

  /// `rate_limit`; `nil` without an interval, which limits nothing.
  mutating func rateLimit(_ node: YAMLNode) throws(ConfigurationError) -> RateLimitSettings? {
    let values = try mapping(node, at: "rate_limit")
    var burst = 0
    if let node = values["burst"] {
      let text = try text(node, at: "rate_limit.burst")
      guard let number = Int(text), (0...1_000_000).contains(number) else {
        throw error(node.line, "rate_limit.burst", "\"\(text)\" is not a number of requests", "write a whole number")
      }
      burst = number
    }
    guard let interval = values["interval"] else { return nil }
    let text = try text(interval, at: "rate_limit.interval")
    guard let duration = GoDuration.parse(text), duration >= .zero else {
      throw error(interval.line, "rate_limit.interval", "\"\(text)\" is not a time", "write a number with a unit, such as 1s or 500ms")
    }
    if duration == .zero { return nil }
    guard burst > 0 else {
      throw error(
        lines["rate_limit.burst"] ?? interval.line, "rate_limit.burst", "a limit without a burst lets nobody in", "write burst: 20")
    }
    return RateLimitSettings(interval: duration, burst: burst)
  }
}
