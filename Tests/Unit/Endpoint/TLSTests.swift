import Endpoint
import Foundation
import Testing

@Suite(.serialized) struct TLSTests {
  static func folder(_ settings: String = "", certificate: String = "server") throws -> WebConfigFolder {
    let folder = try WebConfigFolder()
    try folder.addCertificates()
    try folder.write("tls_server_config:\n  cert_file: \(certificate).crt\n  key_file: \(certificate).key\n\(settings)")
    return folder
  }

  /// The status of a request over TLS, or 0 when there was no answer.
  static func curl(_ server: TestServer, _ folder: WebConfigFolder, _ arguments: String...) async throws -> Int {
    let port = server.port
    let path = folder.path
    return try await blocking {
      let command = try Command.run(
        "curl",
        arguments: ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", "--cacert", "\(path)/ca.crt"] + arguments + [
          "https://localhost:\(port)/metrics", "--resolve", "localhost:\(port):127.0.0.1",
        ])
      return Int(command.output) ?? 0
    }
  }

  /// What `openssl s_client` says of a handshake.
  static func handshake(_ server: TestServer, _ arguments: String...) async throws -> Command {
    let port = server.port
    return try await blocking {
      try Command.run(
        "openssl", arguments: ["s_client", "-connect", "127.0.0.1:\(port)", "-servername", "localhost"] + arguments, input: "")
    }
  }

  @Test("a scrape over TLS is answered, one without is not")
  func serves() async throws {
    let folder = try Self.folder()
    try await TestServer.run(webConfig: folder.config) { server in
      #expect(try await Self.curl(server, folder) == 200)
      let plain = try await server.exchange("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(!plain.contains("HTTP/"))
      // HTTP/2 is not offered: a client that would like it gets HTTP/1.1.
      #expect(try await Self.handshake(server, "-alpn", "h2,http/1.1").output.contains("ALPN protocol: http/1.1"))
      #expect(await eventually { server.endpoint.openConnections == 0 })
    }
  }

  @Test("old protocol versions are refused by default, and the bounds are the user's choice")
  func versions() async throws {
    let weak = ["-cipher", "ALL:@SECLEVEL=0"]
    @Sendable func accepts(_ server: TestServer, _ version: String) async throws -> Bool {
      let old = version == "-tls1" || version == "-tls1_1"
      let command = old ? try await Self.handshake(server, version, weak[0], weak[1]) : try await Self.handshake(server, version)
      return command.output.contains("Verification") && !command.output.contains("Cipher is (NONE)")
    }
    for (settings, accepted) in [
      ("", ["-tls1_2", "-tls1_3"]), ("  min_version: TLS13\n", ["-tls1_3"]), ("  max_version: TLS12\n", ["-tls1_2"]),
      ("  min_version: TLS11\n", ["-tls1_1", "-tls1_2", "-tls1_3"]), ("  cipher_suites: [TLS_AES_128_GCM_SHA256]\n", ["-tls1_3"]),
    ] {
      let folder = try Self.folder(settings, certificate: "rsa")
      try await TestServer.run(webConfig: folder.config) { server in
        for version in ["-tls1_1", "-tls1_2", "-tls1_3"] {
          let isAccepted = try await accepts(server, version)
          #expect(isAccepted == accepted.contains(version), "\(settings) \(version)")
        }
      }
    }
  }

  @Test("only the named cipher suite is used")
  func suites() async throws {
    let folder = try Self.folder("  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n", certificate: "rsa")
    try await TestServer.run(webConfig: folder.config) { server in
      let free = try await Self.handshake(server, "-tls1_2")
      #expect(free.output.contains("Cipher is ECDHE-RSA-AES256-GCM-SHA384"))
      #expect(try await Self.handshake(server, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256").output.contains("Cipher is (NONE)"))
    }
  }

  @Test("only the named curves are used")
  func curves() async throws {
    let folder = try Self.folder("  curve_preferences: [CurveP384]\n")
    try await TestServer.run(webConfig: folder.config) { server in
      let free = try await Self.handshake(server, "-groups", "P-384:X25519")
      #expect(free.output.contains("Server Temp Key: ECDH, secp384r1"))
      #expect(try await Self.handshake(server, "-groups", "X25519").output.contains("Cipher is (NONE)"))
    }
  }

  @Test(
    "each kind of client authentication lets in whom it should",
    arguments: [
      // without a certificate, with a good one, with one of a foreign CA
      ("NoClientCert", "", [200, 200, 200]),
      ("RequestClientCert", "", [200, 200, 200]),
      ("RequireAnyClientCert", "", [0, 200, 200]),
      ("RequireClientCert", "", [0, 200, 200]),
      ("VerifyClientCertIfGiven", "  client_ca_file: ca.crt\n", [200, 200, 0]),
      ("RequireAndVerifyClientCert", "  client_ca_file: ca.crt\n", [0, 200, 0]),
      ("RequireAndVerifyClientCert", "  client_ca_file: ca.crt\n  client_allowed_sans: [scraper.example]\n", [0, 200, 0]),
      ("RequireAndVerifyClientCert", "  client_ca_file: ca.crt\n  client_allowed_sans: ['spiffe://example/prometheus']\n", [0, 200, 0]),
      ("RequireAndVerifyClientCert", "  client_ca_file: ca.crt\n  client_allowed_sans: [other, 10.0.0.7]\n", [0, 200, 0]),
      ("RequireAndVerifyClientCert", "  client_ca_file: ca.crt\n  client_allowed_sans: [ops@example]\n", [0, 200, 0]),
      ("RequireAndVerifyClientCert", "  client_ca_file: ca.crt\n  client_allowed_sans: [example, '*.example']\n", [0, 0, 0]),
      ("VerifyClientCertIfGiven", "  client_ca_file: ca.crt\n  client_allowed_sans: [nobody]\n", [200, 0, 0]),
    ])
  func clients(kind: String, settings: String, statuses: [Int]) async throws {
    let folder = try Self.folder("  client_auth_type: \(kind)\n\(settings)")
    try await TestServer.run(webConfig: folder.config) { server in
      let without = try await Self.curl(server, folder)
      let good = try await Self.curl(server, folder, "--cert", folder.file("client.crt"), "--key", folder.file("client.key"))
      let foreign = try await Self.curl(server, folder, "--cert", folder.file("stranger.crt"), "--key", folder.file("stranger.key"))
      #expect([without, good, foreign] == statuses)
    }
  }

  @Test("client certificates and their names that vanish while the server runs are refused with 500, not dropped")
  func vanishedClients() async throws {
    let names = "  client_allowed_sans: [scraper.example]\n"
    let kind = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"
    let folder = try Self.folder(kind + names)
    let good = try String(contentsOfFile: folder.config, encoding: .utf8)
    try await TestServer.run(webConfig: folder.config) { server in
      func statuses() async throws -> [Int] {
        [
          try await Self.curl(server, folder),
          try await Self.curl(server, folder, "--cert", folder.file("client.crt"), "--key", folder.file("client.key")),
        ]
      }
      #expect(try await statuses() == [0, 200])
      // As far as a program has come that writes the file anew: to the key, and to the list of names.
      for (cut, problem) in [
        (kind + names, "client certificates cannot be turned off while the server runs"),
        (names, "the list of names cannot be dropped while the server runs"),
      ] {
        try folder.write(good.replacingOccurrences(of: cut, with: ""))
        #expect(try await statuses() == [0, 500])
        #expect(server.recorder.count(containing: problem) == 1)
        try folder.write(good)
        #expect(try await statuses() == [0, 200])
      }
      // Another demand is a change like any other.
      try folder.write(good.replacingOccurrences(of: kind + names, with: "  client_auth_type: RequireAnyClientCert\n"))
      #expect(try await statuses()[1] == 500)
      try folder.write(good.replacingOccurrences(of: "RequireAndVerifyClientCert", with: "VerifyClientCertIfGiven"))
      #expect(try await statuses() == [200, 200])
    }
  }

  @Test("a client that resumes its session is still the client it was")
  func resumption() async throws {
    let folder = try Self.folder(
      "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans: [scraper.example]\n  max_version: TLS12\n"
    )
    try await TestServer.run(webConfig: folder.config) { server in
      let command = try await Self.handshake(
        server, "-tls1_2", "-reconnect", "-cert", folder.file("client.crt"), "-key", folder.file("client.key"))
      #expect(command.output.contains("Cipher is ECDHE") && !command.output.contains("Cipher is (NONE)"), "\(command.output)")
    }
  }

  @Test("new connections get the new certificate, open ones go on; a broken pair is a 500 and mended later")
  func reload() async throws {
    let folder = try Self.folder("")
    let counter = CallCounter()
    try await TestServer.run(content: .sample(counter: counter), webConfig: folder.config) { server in
      @Sendable func subject() async throws -> String {
        let output = try await Self.handshake(server).output
        return String(output.split(separator: "\n").first { $0.hasPrefix("subject=") } ?? "")
      }
      #expect(try await subject().hasSuffix("= server"))
      let port = server.port
      let ca = folder.file("ca.crt")
      // An open connection that asks again and again while the certificates are replaced, and once more when they are.
      let isReplaced = folder.file("replaced")
      async let open = blocking {
        try Command.run(
          "sh", "-c",
          """
          ask() { printf 'GET %s HTTP/1.1\\r\\nHost: a\\r\\n%s\\r\\n' "$@"; }
          (ask /metrics ''; while [ ! -e \(isReplaced) ]; do sleep 0.1; ask /-/healthy ''; done; ask /-/ready 'Connection: close\r\n') \
          | openssl s_client -quiet -connect 127.0.0.1:\(port) -CAfile \(ca)
          """)
      }
      #expect(await eventually { counter.all.count == 1 })
      try FileManager.default.removeItem(atPath: folder.file("server.key"))
      #expect(try await Self.curl(server, folder) == 500)
      for kind in ["crt", "key"] {
        try folder.write(try String(contentsOfFile: folder.file("server2.\(kind)"), encoding: .utf8), to: "server.\(kind)")
      }
      #expect(try await subject().hasSuffix("= server2"))
      #expect(try await Self.curl(server, folder) == 200)
      try folder.write("", to: "replaced")
      let answers = try await open.output.components(separatedBy: "HTTP/1.1 ").dropFirst()
      #expect(answers.count >= 2 && answers.first?.contains("portpool_capacity_ports{") == true, "\(answers)")
      #expect(answers.last?.hasPrefix("200") == true && answers.last?.contains("is Ready.") == true, "\(answers)")
      #expect(server.recorder.count(containing: "error web configuration is broken") <= 2)
    }
  }

  @Test("a handshake that does not come to an end is cut off", arguments: ["", "\u{16}\u{3}\u{1}"])
  func stalled(bytes: String) async throws {
    let folder = try Self.folder()
    var limits = EndpointLimits()
    limits.handshakeTimeout = .milliseconds(300)
    try await TestServer.run(webConfig: folder.config, limits: limits) { server in
      let answer = try await server.exchange(bytes)
      #expect(answer != "(no end)")
      #expect(await eventually { server.endpoint.openConnections == 0 })
    }
  }

  @Test(
    "what the TLS library cannot load is refused at start, with the key and its line",
    arguments: [
      ("cert_file: none.crt, key_file: server.key", "tls_server_config.cert_file: ", "does not exist"),
      ("cert_file: server.key, key_file: server.key", "tls_server_config.cert_file: ", "no readable certificate"),
      ("cert_file: web.yml, key_file: server.key", "tls_server_config.cert_file: ", "no readable certificate"),
      ("cert_file: ., key_file: server.key", "tls_server_config.cert_file: ", "is a directory"),
      ("cert_file: server.crt, key_file: none.key", "tls_server_config.key_file: ", "does not exist"),
      ("cert_file: server.crt, key_file: server.crt", "tls_server_config.key_file: ", "no readable private key"),
      ("cert_file: server.crt, key_file: encrypted.key", "tls_server_config.key_file: ", "not encrypted"),
      ("cert_file: server.crt, key_file: client.key", "tls_server_config.key_file: ", "belong to the first certificate"),
      ("cert: nonsense, key_file: server.key", "tls_server_config.cert: ", "no readable certificate"),
      (
        "cert_file: server.crt, key_file: server.key, client_ca_file: none.crt, client_auth_type: RequireAndVerifyClientCert",
        "tls_server_config.client_ca_file: ", "does not exist"
      ),
    ])
  func refused(settings: String, key: String, problem: String) async throws {
    let folder = try Self.folder()
    try folder.write("# TLS\ntls_server_config: {\(settings)}\n")
    func isExpected(_ error: any Error) -> Bool {
      let text = String(describing: error)
      return text.hasPrefix("\(folder.config):2: \(key)") && text.contains(problem)
    }
    #expect { try WebConfigCheck.check(folder.config) } throws: { isExpected($0) }
    let configuration = try EndpointConfiguration(listenAddresses: [.host("127.0.0.1", port: 0)], webConfigFile: folder.config)
    let endpoint = Endpoint(configuration: configuration, content: .sample(), log: LogRecorder().log)
    await #expect {
      try await endpoint.bind()
    } throws: { isExpected($0) }
  }

  @Test("certificates may stand in the configuration itself")
  func inline() async throws {
    let folder = try Self.folder()
    func indented(_ name: String) throws -> String {
      try String(contentsOfFile: folder.file(name), encoding: .utf8).split(separator: "\n").map { "    \($0)\n" }.joined()
    }
    try folder.write("tls_server_config:\n  cert: |\n\(try indented("server.crt"))  key: |\n\(try indented("server.key"))")
    try await TestServer.run(webConfig: folder.config) { server in
      let status = try await Self.curl(server, folder)
      #expect(status == 200)
    }
  }
}
