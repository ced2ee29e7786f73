import Push
import TestSupport
import Testing

@Suite("Reading another exporter's documents")
struct HTTPFetcherTests {
  private func fetcher(_ url: String, timeout: Duration = .seconds(10), secret: String? = nil) throws -> HTTPFetcher {
    HTTPFetcher(try PushConfiguration(url: url, timeout: timeout, basicAuthFile: secret.map { _ in "login" })) { _ in
      Array((secret ?? "").utf8)
    }
  }

  @Test("a document of any length comes whole, and every look goes over one connection")
  func documents() throws {
    let body = String(repeating: "0123456789abcdef", count: 20_000)
    let server = try ScriptedServer(.status(200, body: body))
    defer { server.stop() }
    let fetcher = try fetcher(server.url + "/")
    for _ in 0..<3 { #expect(try fetcher.get("/api/v1/snapshot") == Array(body.utf8)) }
    #expect(server.requests.map(\.line) == Array(repeating: "GET /api/v1/snapshot HTTP/1.1", count: 3))
    #expect(Set(server.requests.map(\.connection)) == [1])
    #expect(server.requests[0].headers["accept"] == "application/json")
    #expect(server.requests[0].body == [])
  }

  @Test("an address that already names the document is taken as it is")
  func wholeAddress() throws {
    let server = try ScriptedServer(.status(200, body: "{}"))
    defer { server.stop() }
    _ = try fetcher(server.url + "/prefix/api/v1/snapshot").get("/api/v1/snapshot")
    _ = try fetcher(server.url + "/prefix").get("/api/v1/snapshot")
    #expect(server.requests.map(\.line) == Array(repeating: "GET /prefix/api/v1/snapshot HTTP/1.1", count: 2))
  }

  @Test(
    "what went wrong is said with the address, and the next look can succeed",
    arguments: [
      (ScriptedServer.Answer.status(404, body: "no page here\n"), PushFailureReason.rejected, "404 Not Found: no page here"),
      (.status(503), .server, "503 Service Unavailable"), (.status(302, headers: ["Location: http://127.0.0.1:1/"]), .redirected, "302"),
      (.close, .connection, "mpty reply"), (.garbage("what?\r\n\r\n"), .connection, "HTTP/0.9"), (.slow(60, 200), .timeout, "timed out"),
    ])
  func failures(answer: ScriptedServer.Answer, reason: PushFailureReason, says: String) throws {
    let server = try ScriptedServer(answer, .status(200, body: "{}"))
    defer { server.stop() }
    let fetcher = try fetcher(server.url, timeout: answer.timeout)
    let error = try #require(throws: PushError.self) { try fetcher.get("/api/v1/snapshot") }
    #expect(error.reason == reason)
    #expect(error.description.hasPrefix(server.url + "/api/v1/snapshot: "))
    #expect(error.description.contains(says))
    #expect(try fetcher.get("/api/v1/snapshot") == Array("{}".utf8))
  }

  @Test("a login is sent and never shown, even when the server repeats it")
  func login() throws {
    let server = try ScriptedServer(.status(401, body: "who is portpool:correct horse?"))
    defer { server.stop() }
    let fetcher = try fetcher(server.url, secret: "portpool:correct horse\n")
    let error = try #require(throws: PushError.self) { try fetcher.get("/api/v1/snapshot") }
    #expect(server.requests.first?.headers["authorization"] == "Basic cG9ydHBvb2w6Y29ycmVjdCBob3JzZQ==")
    #expect(error.description.contains("401 Unauthorized"))
    #expect(!error.description.contains("horse"))
  }

  @Test("when this host has no port left for the exporter, that is what is said", .networkNamespaces)
  func exhausted() async throws {
    let message = try await NetworkNamespace.run(pool: 40000...40009) { _ in
      let destination = SocketAddress("127.0.0.1", 8080)
      let listener = try TestSocket.listener(destination)
      defer { listener.close() }
      let held = try TestSocket.clients(10, to: destination)
      defer { held.forEach { $0.close() } }
      do {
        _ = try HTTPFetcher(PushConfiguration(url: "http://127.0.0.1:8080")) { _ in [] }.get("/api/v1/snapshot")
        return "no error"
      } catch let error as PushError {
        return "\(error.reason): \(error)"
      }
    }
    #expect(message.hasPrefix("noLocalPort: http://127.0.0.1:8080/api/v1/snapshot: no local port is left"))
    #expect(message.contains("this host's own port pool"))
  }
}
