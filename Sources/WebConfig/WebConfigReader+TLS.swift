extension WebConfigReader {
  /// `tls_server_config`; `nil` when it says nothing, as an empty one does.
  mutating func tls(_ node: YAMLNode) throws(ConfigurationError) -> TLSSettings? {
    let path = "tls_server_config"
    let values = try mapping(node, at: path)
    if values.isEmpty { return nil }
    _ = try values["prefer_server_cipher_suites"].map { node throws(ConfigurationError) in
      try self.truth(node, at: "\(path).prefer_server_cipher_suites")
    }
    let certificate = try pem("cert", of: values, in: path)
    let key = try pem("key", of: values, in: path)
    let authority = try pem("client_ca", of: values, in: path)
    let authentication = try clientAuthentication(values, in: path, authority: authority)
    let names =
      try values["client_allowed_sans"].map { node throws(ConfigurationError) in
        try self.list(node, at: "\(path).client_allowed_sans")
      } ?? []
    if !names.isEmpty, !authentication.verifies {
      throw error(
        lines["\(path).client_allowed_sans"], "\(path).client_allowed_sans",
        "names are checked, but the certificates they stand in are not",
        "set client_auth_type to RequireAndVerifyClientCert")
    }
    let lowest = try version("min_version", of: values, in: path) ?? .tls12
    let highest = try version("max_version", of: values, in: path) ?? .tls13
    guard lowest <= highest else {
      throw error(
        lines["\(path).min_version"] ?? lines["\(path).max_version"], "\(path).min_version",
        "\(lowest.rawValue) is newer than max_version \(highest.rawValue)", "no client could connect: raise max_version")
    }
    guard let certificate else {
      throw error(node.line, path, "there is no certificate", "name one with cert_file")
    }
    guard let key else {
      throw error(node.line, path, "there is a certificate, but no key", "name its key with key_file")
    }
    let suites: [CipherSuite] = try choices("cipher_suites", of: values, in: path, what: "cipher suite")
    if !suites.isEmpty, suites.allSatisfy(\.isTLS13), highest < .tls13 {
      throw error(
        lines["\(path).cipher_suites"], "\(path).cipher_suites", "all of these are of TLS 1.3, but max_version is \(highest.rawValue)",
        "no client could connect: add a suite of TLS 1.2")
    }
    return TLSSettings(
      certificate: certificate, key: key, clientCA: authority, clientAuthentication: authentication, clientAllowedSANs: names.map(\.text),
      minimumVersion: lowest, maximumVersion: highest, cipherSuites: suites,
      curves: try choices("curve_preferences", of: values, in: path, what: "curve"))
  }

  /// `NAME_file` or `NAME`, not both.
  private func pem(_ name: String, of values: [String: YAMLNode], in path: String) throws(ConfigurationError) -> PEMSource? {
    func text(_ key: String) throws(ConfigurationError) -> String? {
      guard let node = values[key] else { return nil }
      let text = try self.text(node, at: "\(path).\(key)")
      return text.isEmpty ? nil : text
    }
    let inline = try text(name)
    let file = try text("\(name)_file")
    if inline != nil, file != nil {
      throw error(lines["\(path).\(name)"], "\(path).\(name)", "there is also \(name)_file", "keep one of them")
    }
    if let inline { return .inline(inline) }
    guard let file else { return nil }
    if file.utf8.contains(0) { throw error(lines["\(path).\(name)_file"], "\(path).\(name)_file", "a path with a NUL", "remove it") }
    if file.hasPrefix("/") { return .file(file) }
    guard let slash = self.file.lastIndex(of: "/") else { return .file(file) }
    return .file(self.file[...slash] + file)
  }

  private func clientAuthentication(
    _ values: [String: YAMLNode], in path: String, authority: PEMSource?
  ) throws(ConfigurationError) -> ClientAuthentication {
    let key = "\(path).client_auth_type"
    var authentication = ClientAuthentication.none
    if let node = values["client_auth_type"] {
      let text = try text(node, at: key)
      // The exporter-toolkit takes a name of its past, too.
      let name = text == "RequireClientCert" ? ClientAuthentication.requireAny.rawValue : text
      if !text.isEmpty { authentication = try choice(name, line: node.line, at: key, what: "client authentication") }
    }
    if authentication == .none, authority != nil {
      let line = lines["\(path).client_ca_file"] ?? lines["\(path).client_ca"]
      throw error(
        line, "\(path).client_ca_file", "there is a client CA, but client_auth_type asks for no certificate",
        "set client_auth_type to RequireAndVerifyClientCert")
    }
    if authentication.verifies, authority == nil {
      throw error(lines[key], key, "certificates are to be verified, but there is no CA to verify them by", "name it with client_ca_file")
    }
    return authentication
  }

  private func version(_ key: String, of values: [String: YAMLNode], in path: String) throws(ConfigurationError) -> ProtocolVersion? {
    guard let node = values[key] else { return nil }
    return try choice(try text(node, at: "\(path).\(key)"), line: node.line, at: "\(path).\(key)", what: "TLS version")
  }

  private func choices<Value: RawRepresentable & CaseIterable>(
    _ key: String, of values: [String: YAMLNode], in path: String, what: String
  ) throws(ConfigurationError) -> [Value] where Value.RawValue == String {
    guard let node = values[key] else { return [] }
    var result: [Value] = []
    for item in try list(node, at: "\(path).\(key)") {
      result.append(try choice(item.text, line: item.line, at: "\(path).\(key)", what: what))
    }
    return result
  }
}
