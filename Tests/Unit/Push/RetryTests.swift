import Exposition
import Push
import Testing

@Suite("Trying again")
struct RetryTests {
  @Test("waits double up to the limit, with half of each left to chance")
  func delays() {
    let policy = RetryPolicy(attempts: 9, base: .milliseconds(500), limit: .seconds(5))
    for (attempt, full) in [(1, 0.5), (2, 1), (3, 2), (4, 4), (5, 5), (6, 5), (100, 5)] {
      #expect(policy.delay(after: attempt, jitter: 0) == .seconds(full / 2))
      #expect(policy.delay(after: attempt, jitter: 0.5) == .seconds(full * 0.75))
      #expect(policy.delay(after: attempt, jitter: 1) == .seconds(full))
    }
    #expect(policy.delay(after: 1, retryAfter: .seconds(3), jitter: 0) == .seconds(3))
    #expect(policy.delay(after: 1, retryAfter: .seconds(3_600), jitter: 1) == .seconds(5))
    #expect(policy.delay(after: 4, retryAfter: .seconds(1), jitter: 0) == .seconds(2))
  }

  @Test(
    "connection faults, 5xx and 429 are tried again until one goes well",
    arguments: [
      .status(500), .status(503, body: "try later"), .status(429), .close, .slow(60, 200), .garbage("SSH-2.0-OpenSSH_9\r\n"),
    ] as [ScriptedServer.Answer])
  func recovers(_ fault: ScriptedServer.Answer) throws {
    let server = try ScriptedServer(fault, fault, .status(202))
    defer { server.stop() }
    let configuration = try PushConfiguration(url: server.url, timeout: fault.timeout)
    #expect(try Pushing.once(configuration, retries: Pushing.quick) == nil)
    #expect(server.requests.count == 3)
    #expect(Set(server.requests.map(\.body)).count == 1)
  }

  @Test(
    "what stays broken is given up, with the last reason",
    arguments: [
      (.status(500, body: "disk\n full"), .server, ": 500 Internal Server Error: disk full"), (.status(599), .server, ": 599"),
      (.status(429), .throttled, ": 429 Too Many Requests"), (.close, .connection, ": Empty reply from server"),
      (.garbage("nonsense\r\n\r\n"), .connection, ": Received HTTP/0.9 when not allowed"), (.slow(60, 200), .timeout, "timed out after"),
    ] as [(ScriptedServer.Answer, PushFailureReason, String)])
  func givesUp(_ fault: ScriptedServer.Answer, _ reason: PushFailureReason, _ words: String) throws {
    let server = try ScriptedServer(fault)
    defer { server.stop() }
    let configuration = try PushConfiguration(url: server.url, timeout: min(fault.timeout, .seconds(1)))
    let error = try #require(try Pushing.once(configuration, retries: Pushing.quick))
    #expect(error.reason == reason)
    #expect(error.description.contains(words), "\(error)")
    #expect(error.description.hasPrefix("\(server.url)/metrics/job/portpool: "))
    #expect(server.requests.count == 4)
  }

  @Test(
    "other 4xx and redirects are not tried again, and their explanation is shown",
    arguments: [
      (.status(400, body: "bad\u{1B}[31m body"), .rejected, "400 Bad Request: bad [31m body"),
      (.status(401), .rejected, "401 Unauthorized"),
      (.status(404, body: "no such page"), .rejected, "404 Not Found: no such page"), (.status(418), .rejected, "418"),
      (
        .status(302, headers: ["Location: http://127.0.0.1:1/"]), .redirected,
        "302; redirects are not followed; give the address it leads to"
      ),
    ] as [(ScriptedServer.Answer, PushFailureReason, String)])
  func refused(_ answer: ScriptedServer.Answer, _ reason: PushFailureReason, _ words: String) throws {
    let server = try ScriptedServer(answer)
    defer { server.stop() }
    let error = try #require(try Pushing.once(PushConfiguration(url: server.url), retries: Pushing.quick))
    #expect(error.reason == reason)
    #expect(error.description.hasSuffix(words), "\(error)")
    #expect(server.requests.count == 1)
  }

  @Test("Retry-After is waited for")
  func retryAfter() throws {
    let server = try ScriptedServer(.status(429, headers: ["Retry-After: 1"]), .status(200))
    defer { server.stop() }
    #expect(try Pushing.once(PushConfiguration(url: server.url), retries: Pushing.quick) == nil)
    let requests = server.requests
    try #require(requests.count == 2)
    #expect(requests[1].time - requests[0].time > .milliseconds(950))
  }

  @Test("a port where nobody listens is a connection fault that names the target")
  func nobody() throws {
    let error = try #require(try Pushing.once(PushConfiguration(url: "http://127.0.0.1:1"), retries: Pushing.quick))
    #expect(error.reason == .connection)
    #expect(error.description.contains("127.0.0.1") && error.description.contains("Connection refused"), "\(error)")
  }

  @Test("a name that nobody has is a fault of resolving")
  func unknownName() throws {
    let error = try #require(try Pushing.once(PushConfiguration(url: "http://nobody.invalid:9091")))
    #expect(error.reason == .resolve)
    #expect(error.description.contains("nobody.invalid"))
  }

  @Test("an explanation of any length is cut, and the connection still used again")
  func longExplanation() throws {
    let server = try ScriptedServer(.status(503, body: String(repeating: "word ", count: 100_000)), .status(400, body: "short"))
    defer { server.stop() }
    let error = try #require(try Pushing.once(PushConfiguration(url: server.url), retries: Pushing.quick))
    #expect(error.description.hasSuffix(": short"))
    #expect(server.requests.map(\.connection) == [1, 1])
  }
}
