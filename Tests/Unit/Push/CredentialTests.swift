import Foundation
import Push
import TestSupport
import Testing

@Suite("Secrets", .timeLimit(.minutes(1)))
struct CredentialTests {
  static let password = "correct horse:battery"

  @Test("a login from a file opens a gateway that asks for one, a wrong one is refused and not shown")
  func basicAuth() throws {
    let folder = try TemporaryFolder()
    // bcrypt of the password, cost 4.
    let web = try folder.file("web.yml", "basic_auth_users:\n  pusher: $2b$04$QLDhRUhtyQI7boo6nNGsveJSB2svDcoyPThfKbO6Gkz9oBJyPY7Xu\n")
    let gateway = try Gateway(["--web.config.file=\(web)"])
    let right = try folder.file("right", "pusher:\(Self.password)\n")
    #expect(try Pushing.once(PushConfiguration(url: gateway.url, basicAuthFile: right)) == nil)
    let wrong = try folder.file("wrong", "pusher:hunter2hunter2")
    for configuration in [
      try PushConfiguration(url: gateway.url, basicAuthFile: wrong), try PushConfiguration(url: gateway.url),
    ] {
      let error = try #require(try Pushing.once(configuration, retries: Pushing.quick))
      #expect(error.reason == .rejected)
      #expect(error.description.contains("401 Unauthorized"))
      #expect(!error.description.contains("hunter2"))
    }
  }

  @Test("a token from a file is sent, and read again for each push")
  func bearer() throws {
    let folder = try TemporaryFolder()
    let server = try ScriptedServer(.status(200))
    defer { server.stop() }
    let file = try folder.file("token", "first-token\r\n")
    let running = RunningLoop(try Pushing.loop(PushConfiguration(url: server.url, interval: .seconds(1), bearerTokenFile: file)))
    try Until.holds { server.requests.count >= 1 }
    _ = try folder.file("token", "second-token")
    try Until.holds { server.requests.last?.headers["authorization"] == "Bearer second-token" }
    _ = running.stop()
    #expect(server.requests.first?.headers["authorization"] == "Bearer first-token")
  }

  /// Logins that replacing them in a text would miss, or never finish with.
  static let logins = [
    "pusher:hunter2hunter2", "user:~~~>>>???zz", "user:secret", "user:ecret", "user:(the explanation",
    "user:" + String(repeating: "long", count: 300),
  ]

  @Test("an answer that may repeat a login is not shown, however it is encoded or cut", arguments: logins, ["basic", "bearer"])
  func repeated(_ login: String, _ kind: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("secret", login + "\n")
    let base64 = Data(login.utf8).base64EncodedString()
    let server = try ScriptedServer(.status(400, body: "You sent Authorization: \(login.dropFirst(2)) Basic \(base64) marker"))
    defer { server.stop() }
    let configuration =
      kind == "basic"
      ? try PushConfiguration(url: server.url, basicAuthFile: file) : try PushConfiguration(url: server.url, bearerTokenFile: file)
    let error = try #require(try Pushing.once(configuration))
    #expect(server.requests[0].headers["authorization"] == (kind == "basic" ? "Basic \(base64)" : "Bearer \(login)"))
    #expect(
      error.description
        == "\(server.url)/metrics/job/portpool: 400 Bad Request (the explanation is not shown, because it may repeat the login)")
  }

  @Test("an answer that may repeat a secret in the address's query is not shown either")
  func repeatedQuery() throws {
    let server = try ScriptedServer(.status(400, body: "who is hunter2?"))
    defer { server.stop() }
    let error = try #require(try Pushing.once(PushConfiguration(url: server.url + "/write?key=hunter2", format: .remoteWrite)))
    #expect(server.requests[0].line == "POST /write?key=hunter2 HTTP/1.1")
    #expect(error.description.hasPrefix("\(server.url)/write: 400 Bad Request (") && !error.description.contains("hunter2"))
  }

  @Test("without a login the explanation is shown, without anything that a terminal would obey")
  func explanation() throws {
    let server = try ScriptedServer(
      .status(400, body: "bad\u{1B}[31m \u{9B}31m\u{202E}\u{2028}\r\nvalue  \u{E9}" + String(repeating: "x", count: 600)))
    defer { server.stop() }
    let error = try #require(try Pushing.once(PushConfiguration(url: server.url)))
    #expect(error.description.contains(": 400 Bad Request: bad [31m 31m value \u{E9}xxx"))
    #expect(error.description.hasSuffix("x…") && error.description.count < 600)
  }

  @Test("a redirect is not followed, so that the secret goes nowhere else")
  func redirect() throws {
    let folder = try TemporaryFolder()
    let elsewhere = try ScriptedServer(.status(200))
    let server = try ScriptedServer(.status(307, headers: ["Location: \(elsewhere.url)/"]))
    defer {
      server.stop()
      elsewhere.stop()
    }
    let file = try folder.file("token", "hunter2hunter2")
    #expect(try Pushing.once(PushConfiguration(url: server.url, bearerTokenFile: file))?.reason == .redirected)
    #expect(elsewhere.requests.isEmpty)
  }

  @Test(
    "a file that holds no secret is reported before the first push",
    arguments: [
      ("", "is empty where a secret should be"), ("\n", "is empty where a secret should be"), ("me", "is not user:password"),
      ("a:\u{1}", "has a control character"),
    ])
  func badFiles(_ content: String, _ words: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("secret", content)
    let configuration = try PushConfiguration(url: "http://127.0.0.1:1", basicAuthFile: file)
    let error = #expect(throws: PushError.self) { try Pushing.loop(configuration) }
    #expect(error?.reason == .credentials)
    #expect(error?.description.contains(file) == true && error?.description.contains(words) == true)
    let missing = try PushConfiguration(url: "http://127.0.0.1:1", basicAuthFile: file + ".missing")
    #expect(throws: PushError.self) { try Pushing.loop(missing) }
  }

  @Test("headers of the user are sent, the empty one too")
  func headers() throws {
    let server = try ScriptedServer(.status(200))
    defer { server.stop() }
    let configuration = try PushConfiguration(url: server.url, headers: ["X-Scope-OrgID: tenant 1", "X-Empty:"])
    #expect(try Pushing.once(configuration) == nil)
    let headers = server.requests[0].headers
    #expect(headers["x-scope-orgid"] == "tenant 1")
    #expect(headers["x-empty"] == "")
    #expect(headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    #expect(headers["expect"] == nil && headers["authorization"] == nil)
  }
}
