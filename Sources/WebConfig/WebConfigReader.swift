/// Makes a ``WebConfig`` of the values of a YAML document; the rules are in the extensions.
struct WebConfigReader {
  let file: String
  var lines: [String: Int] = [:]

  init(file: String) {
    self.file = file
  }

  /// The keys of each mapping. A key that is known elsewhere gets the hint where it belongs.
  static let keys: [(mapping: String, keys: [String])] = [
    ("", ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"]),
    (
      "tls_server_config",
      [
        "cert", "cert_file", "key", "key_file", "client_ca", "client_ca_file", "client_auth_type", "client_allowed_sans", "min_version",
        "max_version", "cipher_suites", "curve_preferences", "prefer_server_cipher_suites",
      ]
    ),
    ("http_server_config", ["http2", "headers"]),
    ("rate_limit", ["interval", "burst"]),
  ]

  mutating func configuration(_ document: YAMLNode) throws(ConfigurationError) -> WebConfig {
    let top = try mapping(document, at: "")
    let tls = try top["tls_server_config"].map { node throws(ConfigurationError) in try self.tls(node) } ?? nil
    let http =
      try top["http_server_config"].map { node throws(ConfigurationError) in try self.mapping(node, at: "http_server_config") } ?? [:]
    _ = try http["http2"].map { node throws(ConfigurationError) in try self.truth(node, at: "http_server_config.http2") }
    let users = try top["basic_auth_users"].map { node throws(ConfigurationError) in try self.users(node) } ?? [:]
    let headers = try http["headers"].map { node throws(ConfigurationError) in try self.headers(node) } ?? []
    let limit = try top["rate_limit"].map { node throws(ConfigurationError) in try self.rateLimit(node) } ?? nil
    return WebConfig(file: file, tls: tls, users: users, headers: headers, rateLimit: limit, lines: lines)
  }

  /// The values of a mapping with known keys, without those that are null.
  mutating func mapping(_ node: YAMLNode, at path: String) throws(ConfigurationError) -> [String: YAMLNode] {
    let known = Self.keys.first { $0.mapping == path }?.keys ?? []
    var values: [String: YAMLNode] = [:]
    for entry in try entries(node, at: path) {
      guard known.contains(entry.key) else {
        throw error(entry.line, Self.join(path, entry.key), "unknown key", Self.hint(for: entry.key, known: known, at: path))
      }
      lines[Self.join(path, entry.key)] = entry.line
      if !entry.value.isNull { values[entry.key] = entry.value }
    }
    return values
  }

  /// The entries of a mapping with keys of the user's choice.
  func entries(_ node: YAMLNode, at path: String) throws(ConfigurationError) -> [YAMLNode.Entry] {
    if node.isNull { return [] }
    guard case .mapping(let entries) = node.content else {
      throw error(node.line, path, "expected a mapping, found \(node.kind)", "write KEY: VALUE lines")
    }
    return entries
  }

  func text(_ node: YAMLNode, at path: String) throws(ConfigurationError) -> String {
    guard case .scalar(let text, _) = node.content else {
      throw error(node.line, path, "expected a text, found \(node.kind)", "write one value")
    }
    return text
  }

  /// A truth value as YAML 1.1 and the exporter-toolkit read it.
  func truth(_ node: YAMLNode, at path: String) throws(ConfigurationError) -> Bool {
    if case .scalar(let text, isPlain: true) = node.content {
      if ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].contains(text) { return true }
      if ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].contains(text) { return false }
    }
    throw error(node.line, path, "expected true or false", "write true or false, without quotes")
  }

  /// A list of texts.
  func list(_ node: YAMLNode, at path: String) throws(ConfigurationError) -> [(text: String, line: Int)] {
    guard case .sequence(let items) = node.content else {
      throw error(node.line, path, "expected a list, found \(node.kind)", "write one value a line, each after \"- \"")
    }
    var texts: [(text: String, line: Int)] = []
    for item in items { texts.append((try text(item, at: path), item.line)) }
    return texts
  }

  /// One of a set of names.
  func choice<Value: RawRepresentable & CaseIterable>(
    _ text: String, line: Int, at path: String, what: String
  ) throws(ConfigurationError) -> Value where Value.RawValue == String {
    if let value = Value(rawValue: text) { return value }
    let names = Value.allCases.map(\.rawValue)
    let hint =
      NameSuggestion.closest(to: text, among: names).map { "did you mean \"\($0)\"?" } ?? "known are \(names.joined(separator: ", "))"
    throw error(line, path, "unknown \(what) \"\(text)\"", hint)
  }

  func error(_ line: Int?, _ path: String, _ problem: String, _ hint: String) -> ConfigurationError {
    ConfigurationError(file: file, line: line, keyPath: path, problem: problem, hint: hint)
  }

  static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

extension WebConfigReader {
  /// What to do about an unknown key: the nearest known one, the place where the key belongs, or all that are known here.
  static func hint(for key: String, known: [String], at path: String) -> String {
    if let home = keys.first(where: { $0.keys.contains(key) && $0.mapping != path }) {
      return home.mapping.isEmpty ? "it belongs at the top of the file" : "it belongs under \(home.mapping)"
    }
    if let near = NameSuggestion.closest(to: key, among: known) { return "did you mean \"\(near)\"?" }
    return "known are \(known.joined(separator: ", "))"
  }
}
