import TestSupport
import Testing
import WebConfig

@Suite struct WebConfigTests {
  static let hash = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"

  static func parse(_ text: String, file: String = "web.yml") throws -> WebConfig {
    try WebConfig.parse(Array(text.utf8), file: file)
  }

  @Test("every setting arrives")
  func values() throws {
    let config = try Self.parse(
      """
      tls_server_config:
        cert_file: certs/server.crt
        key_file: /etc/ssl/server.key
        client_ca: "-----BEGIN CERTIFICATE-----"
        client_auth_type: RequireAndVerifyClientCert
        client_allowed_sans: [a.example, 10.0.0.1]
        min_version: TLS12
        max_version: TLS13
        cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]
        curve_preferences: [X25519, CurveP384]
      http_server_config:
        headers: {X-Frame-Options: deny}
      basic_auth_users:
        alice: \(Self.hash)
      rate_limit: {interval: 250ms, burst: 7}
      """, file: "/etc/portpool/web.yml")
    let tls = try #require(config.tls)
    #expect(tls.certificate == .file("/etc/portpool/certs/server.crt"))
    #expect(tls.key == .file("/etc/ssl/server.key"))
    #expect(tls.clientCA == .inline("-----BEGIN CERTIFICATE-----"))
    #expect(tls.clientAuthentication == .requireAndVerify)
    #expect(tls.clientAllowedSANs == ["a.example", "10.0.0.1"])
    #expect(tls.minimumVersion == .tls12 && tls.maximumVersion == .tls13)
    #expect(tls.cipherSuites == [.ecdheRSAAES256GCM])
    #expect(tls.curves == [.x25519, .p384])
    #expect(config.headers.map(\.name) == ["X-Frame-Options"])
    #expect(config.users == ["alice": Self.hash])
    #expect(config.rateLimit?.interval == .milliseconds(250) && config.rateLimit?.burst == 7)
    #expect(config.files == ["/etc/portpool/certs/server.crt", "/etc/ssl/server.key"])
    #expect(config.error("tls_server_config.key_file", "x", hint: "y").line == 3)
  }

  @Test("what is left out has the toolkit's defaults")
  func defaults() throws {
    let tls = try #require(try Self.parse("tls_server_config: {cert: a, key: b}").tls)
    #expect(tls.certificate == .inline("a") && tls.key == .inline("b") && tls.clientCA == nil)
    #expect(tls.clientAuthentication == .none && tls.clientAllowedSANs.isEmpty)
    #expect(tls.minimumVersion == .tls12 && tls.maximumVersion == .tls13)
    #expect(tls.cipherSuites.isEmpty && tls.curves.isEmpty)
  }

  @Test(
    "a time is read as Go reads it",
    arguments: [
      ("1s", Duration.seconds(1)), ("1m30s", .seconds(90)), ("1.5h", .seconds(5400)), ("10us", .microseconds(10)),
      ("10µs", .microseconds(10)),
      ("2h0.5m", .seconds(7230)), ("1000000", .milliseconds(1)), ("+3ms", .milliseconds(3)),
    ])
  func durations(text: String, duration: Duration) throws {
    #expect(try Self.parse("rate_limit: {interval: \"\(text)\", burst: 1}").rateLimit?.interval == duration)
  }

  @Test("a time that Go refuses is refused", arguments: ["", "s", "1.s.", "1 s", "1d", "-1s", "1e3s", "nan", "99999999999h", "0x1s"])
  func badDurations(text: String) {
    #expect(throws: ConfigurationError.self) { try Self.parse("rate_limit: {interval: \"\(text)\", burst: 1}") }
  }

  @Test("an interval of nothing limits nothing")
  func noLimit() throws {
    #expect(try Self.parse("rate_limit: {interval: 0s, burst: 0}").rateLimit == nil)
  }

  @Test("a file that cannot be read says why", arguments: [("/nonexistent/web.yml", "does not exist"), ("/", "is a directory")])
  func unreadable(path: String, problem: String) {
    #expect {
      try WebConfig.load(path)
    } throws: { String(describing: $0).contains(problem) && String(describing: $0).hasPrefix("\(path): ") }
  }

  @Test("a file that is no configuration by its size is not read")
  func tooLarge() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("web.yml", [UInt8](repeating: UInt8(ascii: "#"), count: 300 << 10))
    #expect { try WebConfig.load(path) } throws: { String(describing: $0).contains("larger than 256 KiB") }
  }

  @Test("no bytes make the parser crash or hang")
  func rubbish() {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    func random() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    let words = [
      "tls_server_config", "basic_auth_users", "rate_limit", ":", " ", "\n", "  ", "- ", "[", "]", "{", "}", "&a", "*a", "!!x", "---", "\"",
      "'",
      "|", ">", "#", "\t", "?", "cert", "\u{0}", "\u{feff}", "é", Self.hash, ",", "~", "%YAML 1.1",
    ]
    for _ in 0..<3000 {
      let text = (0..<(random() % 40)).map { _ in words[Int(random() % UInt64(words.count))] }.joined()
      _ = try? Self.parse(text)
    }
    _ = try? Self.parse(String(repeating: "[", count: 100_000))
    _ = try? Self.parse(String(repeating: "{a: ", count: 50_000))
    _ = try? Self.parse(String(repeating: "- ", count: 100_000))
    _ = try? Self.parse((0..<20_000).map { "k\($0): 1\n" }.joined())
  }
}
