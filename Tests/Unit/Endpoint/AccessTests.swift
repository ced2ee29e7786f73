import Endpoint
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct AccessTests {
  /// `s3cret` and `geheim` at the least cost, `slow` at a quarter of a second.
  static let alice = "$2y$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG"
  static let bob = "$2b$04$zyxwvutsrqponmlkjihgfesPCL.xnnBEAE3lJswQrPUkUdrBWUF1."
  static let slow = "$2y$12$abcdefghijklmnopqrstuuvhqlfa3SToYAWnpQD0wYcoxAD7y2cEy"

  static func basic(_ user: String, _ password: String) -> String {
    "Authorization: Basic \(Data("\(user):\(password)".utf8).base64EncodedString())\r\n"
  }

  @Test("only who knows the password gets in, on every path")
  func logins() async throws {
    let folder = try WebConfigFolder("basic_auth_users:\n  alice: \(Self.alice)\n  bob: \(Self.bob)\n")
    try await TestServer.run(webConfig: folder.config) { server in
      for path in ["/metrics", "/", "/-/healthy", "/nowhere", "/api/v1/snapshot"] {
        let stranger = try await server.get(path)
        #expect(stranger.status == 401)
        #expect(stranger.headers["www-authenticate"]?.hasPrefix("Basic") == true)
        #expect(stranger.body == "Unauthorized\n")
        #expect(try await server.get(path, headers: Self.basic("alice", "s3cret")).status == (path == "/nowhere" ? 404 : 200))
      }
      for (user, password, status) in [
        ("bob", "geheim", 200), ("bob", "s3cret", 401), ("alice", "geheim", 401), ("alice", "", 401), ("", "s3cret", 401),
        ("mallory", "s3cret", 401),
        ("alice", "s3cret\u{0}", 401), ("alice", "s3cret\u{0}x", 401), ("alice", "s3cret ", 401), ("Alice", "s3cret", 401),
        ("alice", "s3cret", 200),
      ] {
        #expect(try await server.get("/metrics", headers: Self.basic(user, password)).status == status, "\(user):\(password)")
      }
      // Two logins in one request are none: two servers could take different ones.
      let two = Self.basic("alice", "s3cret") + Self.basic("bob", "geheim")
      #expect(try await server.get("/metrics", headers: two).status == 401)
      #expect(try await server.get("/metrics", headers: "Authorization: Basic %%%\r\n").status == 401)
    }
  }

  @Test("a verified login is remembered; an unknown user costs as much as a known one")
  func cost() async throws {
    let folder = try WebConfigFolder("basic_auth_users:\n  alice: \(Self.slow)\n  bob: \(Self.bob)\n")
    try await TestServer.run(webConfig: folder.config) { server in
      func time(_ user: String, _ password: String) async throws -> (Duration, Int) {
        let begin = ProcessorTime.ofProcess
        let status = try await server.get("/metrics", headers: Self.basic(user, password)).status
        return (ProcessorTime.ofProcess - begin, status)
      }
      let first = try await time("alice", "slow")
      #expect(first.1 == 200 && first.0 > .milliseconds(100))
      let again = try await time("alice", "slow")
      #expect(again.1 == 200 && again.0 < first.0 / 2)
      let wrong = try await time("alice", "wrong")
      let unknown = try await time("mallory", "wrong")
      #expect(wrong.1 == 401 && unknown.1 == 401)
      #expect(unknown.0 > .milliseconds(100))
      #expect(unknown.0 > wrong.0 / 3 && unknown.0 < wrong.0 * 3)
    }
  }

  @Test("a flood of wrong passwords does not keep a known client out")
  func flood() async throws {
    let folder = try WebConfigFolder("basic_auth_users:\n  alice: \(Self.slow)\n")
    try await TestServer.run(webConfig: folder.config) { server in
      #expect(try await server.get("/metrics", headers: Self.basic("alice", "slow")).status == 200)
      func time(_ password: String) async throws -> (status: Int, took: Duration) {
        let begin = ContinuousClock.now
        let status = try await server.get("/metrics", headers: Self.basic("alice", password)).status
        return (status, ContinuousClock.now - begin)
      }
      var known: [Duration] = []
      let flood = try await withThrowingTaskGroup(of: [(status: Int, took: Duration)].self) { group in
        for number in 0..<32 {
          group.addTask {
            var answers: [(status: Int, took: Duration)] = []
            let end = ContinuousClock.now + .seconds(2)
            while ContinuousClock.now < end {
              answers.append(try await time("wrong\(number)"))
              try await Task.sleep(for: .milliseconds(20))
            }
            return answers
          }
        }
        for _ in 0..<5 {
          try await Task.sleep(for: .milliseconds(200))
          let answer = try await time("slow")
          #expect(answer.status == 200)
          known.append(answer.took)
          #expect(try await server.get("/metrics").status == 401)
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(flood.count > 32 && Set(flood.map(\.status)) == [401, 503])
      // Who is known does not wait for those whose passwords are computed.
      let computed = flood.filter { $0.status == 401 }.map(\.took).sorted()
      let middle = try #require(computed.dropFirst(computed.count / 2).first)
      #expect(known.sorted()[2] < middle)
    }
  }

  @Test("configured headers are on every answer, refusals included, and win over the server's own")
  func headers() async throws {
    let folder = try WebConfigFolder(
      """
      http_server_config:
        headers:
          Strict-Transport-Security: max-age=60
          X-Frame-Options: deny
          Content-Security-Policy: default-src 'self'
      basic_auth_users: {alice: \(Self.alice)}
      """)
    try await TestServer.run(webConfig: folder.config) { server in
      for (path, login) in [("/", true), ("/metrics", true), ("/nowhere", true), ("/", false), ("/%zz", true)] {
        let answer = try await server.get(path, headers: login ? Self.basic("alice", "s3cret") : "")
        #expect(answer.headers["strict-transport-security"] == "max-age=60")
        #expect(answer.headers["x-frame-options"] == "deny")
        #expect(answer.headers["content-security-policy"] == "default-src 'self'")
        #expect(answer.headers["x-content-type-options"] == "nosniff")
      }
    }
  }

  @Test("above the rate limit everyone gets 429, until time has passed")
  func rateLimit() async throws {
    let slow = try WebConfigFolder("rate_limit: {interval: 1h, burst: 3}\n")
    try await TestServer.run(webConfig: slow.config) { server in
      var statuses: [Int] = []
      for _ in 0..<5 { statuses.append(try await server.get("/-/healthy").status) }
      #expect(statuses == [200, 200, 200, 429, 429])
    }
    let quick = try WebConfigFolder("rate_limit: {interval: 300ms, burst: 1}\n")
    try await TestServer.run(webConfig: quick.config) { server in
      for _ in 0..<3 { #expect(await eventually { (try? await server.get("/-/healthy").status) == 200 }) }
    }
  }

  @Test("a changed file counts at the next request of an open connection; a broken one is a 500 and one log line until it is mended")
  func reload() async throws {
    let good = "basic_auth_users:\n  alice: \(Self.alice)\n"
    let folder = try WebConfigFolder(good)
    try await TestServer.run(webConfig: folder.config) { server in
      let port = server.port
      let client = try await blocking { try RawClient(port: port) }
      func status(_ user: String, _ password: String) async throws -> Int? {
        try await blocking {
          client.send("GET /-/ready HTTP/1.1\r\nHost: a\r\n\(Self.basic(user, password))\r\n")
          return Answer(client.receiveAnswer())?.status
        }
      }
      #expect(try await status("alice", "s3cret") == 200)
      #expect(try await status("bob", "geheim") == 401)
      try folder.write("basic_auth_users:\n  bob: \(Self.bob)\n")
      #expect(try await status("bob", "geheim") == 200)
      #expect(try await status("alice", "s3cret") == 401)
      try folder.write("basic_auth_user:\n")
      for _ in 0..<3 { #expect(try await status("bob", "geheim") == 500) }
      #expect(server.recorder.count(containing: "error web configuration is broken") == 1)
      #expect(server.recorder.count(containing: "web.yml:1: basic_auth_user: unknown key; did you mean") == 1)
      try FileManager.default.removeItem(atPath: folder.config)
      #expect(try await status("bob", "geheim") == 500)
      try folder.write(good)
      #expect(try await status("alice", "s3cret") == 200)
      try folder.write("tls_server_config: {cert_file: a, key_file: b}\n")
      #expect(try await status("alice", "s3cret") == 500)
      #expect(server.recorder.count(containing: "cannot be turned on or off") == 1)
      try folder.write(good)
      server.endpoint.reload()
      #expect(try await status("alice", "s3cret") == 200)
    }
  }

  @Test("a broken file fails scrapes and readiness, not liveness, which answers as it did, with and without a login")
  func liveness() async throws {
    let good = "basic_auth_users:\n  alice: \(Self.alice)\n"
    let folder = try WebConfigFolder(good)
    try await TestServer.run(webConfig: folder.config) { server in
      for broken in ["", "basic_auth_user:\n", good + "tls_server_config: {cert_file: a, key_file: b}\n"] {
        try folder.write(broken)
        for path in ["/-/ready", "/metrics", "/", "/-/healthy/"] {
          #expect(try await server.get(path, headers: Self.basic("alice", "s3cret")).status == 500)
        }
        #expect(try await server.get("/-/healthy", headers: Self.basic("alice", "s3cret")).status == 200)
        #expect(try await server.get("/-/healthy").status == 401)
        #expect(try await server.get("/-/healthy", headers: Self.basic("bob", "geheim")).status == 401)
      }
      try folder.write(good)
      #expect(try await server.get("/-/ready", headers: Self.basic("alice", "s3cret")).status == 200)
    }
  }

  @Test("a file that is rewritten in place while clients ask lets nobody in without a password, then or afterwards")
  func rewrites() async throws {
    let good = "basic_auth_users:\n  alice: \(Self.alice)\n"
    let folder = try WebConfigFolder(good)
    try await TestServer.run(webConfig: folder.config) { server in
      let port = server.port
      @Sendable func status(_ client: RawClient, _ login: String = "") -> Int? {
        client.send("GET /-/ready HTTP/1.1\r\nHost: a\r\n\(login)\r\n")
        return Answer(client.receiveAnswer())?.status
      }
      let load = Task {
        try await blocking {
          let client = try RawClient(port: port)
          var statuses: Set<Int?> = []
          while FileManager.default.fileExists(atPath: folder.config) { statuses.insert(status(client)) }
          return statuses
        }
      }
      let ends = try await blocking {
        let client = try RawClient(port: port)
        var ends: [[Int?]] = []
        for round in 0..<400 {
          let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.config))
          try file.truncate(atOffset: 0)
          if round % 4 > 0 { usleep(UInt32(round % 4) * 300) }
          try file.write(contentsOf: Data(good.utf8))
          try file.close()
          let end = [status(client), status(client, Self.basic("alice", "s3cret"))]
          if end != [401, 200] { ends.append(end) }
        }
        try FileManager.default.removeItem(atPath: folder.config)
        return ends
      }
      #expect(ends == [])
      #expect(try await load.value.isSubset(of: [401, 500]))
    }
  }

  @Test("logins that vanish while the server runs are refused with 500, not dropped")
  func vanishedLogins() async throws {
    let good = "basic_auth_users:\n  alice: \(Self.alice)\n"
    let folder = try WebConfigFolder(good)
    try await TestServer.run(webConfig: folder.config) { server in
      for empty in ["", "basic_auth_users: {}\n", "rate_limit: {interval: 1s, burst: 3}\n"] {
        try folder.write(empty)
        #expect(try await server.get("/metrics").status == 500)
        #expect(try await server.get("/metrics", headers: Self.basic("alice", "s3cret")).status == 500)
        try folder.write(good)
        #expect(try await server.get("/metrics").status == 401)
        #expect(try await server.get("/metrics", headers: Self.basic("alice", "s3cret")).status == 200)
      }
      #expect(server.recorder.count(containing: "logins cannot be turned off while the server runs") == 3)
    }
  }

  @Test("a server does not start with a broken configuration, and check says the same")
  func brokenAtStart() async throws {
    let folder = try WebConfigFolder("basic_auth_users: {alice: short}\n")
    let configuration = try EndpointConfiguration(listenAddresses: [.host("127.0.0.1", port: 0)], webConfigFile: folder.config)
    let endpoint = Endpoint(configuration: configuration, content: .sample(), log: LogRecorder().log)
    await #expect {
      try await endpoint.run()
    } throws: { String(describing: $0).contains("web.yml:1: basic_auth_users.alice: this is too short") }
    #expect { try WebConfigCheck.check(folder.config) } throws: { String(describing: $0).contains("this is too short") }
  }
}
