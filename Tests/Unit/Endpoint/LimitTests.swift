import Endpoint
import Foundation
import TestSupport
import Testing

@Suite struct LimitTests {
  static let host = "Host: localhost\r\n"

  /// A request under a name that fits into a test report.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let request: String
    let status: Int
    var testDescription: String { name }

    init(_ name: String, _ status: Int, _ request: String) {
      self.name = name
      self.status = status
      self.request = request
    }
  }

  static let oversized: [Case] = [
    Case("a long field", 431, "GET /metrics HTTP/1.1\r\n\(host)X: \(String(repeating: "a", count: 9000))\r\n\r\n"),
    Case("a long target", 431, "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n\(host)\r\n"),
    Case("many fields", 431, "GET /metrics HTTP/1.1\r\n\(host)" + (0..<101).map { "X-\($0): 1\r\n" }.joined() + "\r\n"),
    Case(
      "a long header", 431,
      "GET /metrics HTTP/1.1\r\n\(host)" + (0..<9).map { "X-\($0): \(String(repeating: "a", count: 4000))\r\n" }.joined() + "\r\n"),
    Case(
      "a long body", 413, "POST /metrics HTTP/1.1\r\n\(host)Content-Length: 70000\r\n\r\n\(String(repeating: "a", count: 70000))"),
    Case(
      "a long chunk", 413,
      "GET /metrics HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n11170\r\n\(String(repeating: "a", count: 70000))\r\n0\r\n\r\n"),
    Case("an expectation", 417, "GET /metrics HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
  ]

  @Test(
    "connections leave descriptors for everything else",
    arguments: [(Int.max, 256), (1024, 256), (320, 256), (200, 136), (70, 6), (32, 4), (0, 4)])
  func openFiles(files: Int, connections: Int) {
    #expect(EndpointLimits(openFiles: files).connections == connections)
  }

  @Test("a request that is too large is refused with its status, and the connection ends", arguments: oversized)
  func tooLarge(oversized: Case) async throws {
    try await TestServer.run { server in
      let text = try await server.exchange(oversized.request + "GET /-/healthy HTTP/1.1\r\n\(Self.host)\r\n")
      let answer = try #require(Answer(text), "\(text)")
      #expect(answer.status == oversized.status)
      #expect(answer.headers["connection"] == "close")
      #expect(!text.contains("Healthy"))
      #expect(try await server.get("/-/healthy").status == 200)
    }
  }

  @Test(
    "a small body is dropped and the connection goes on",
    arguments: [
      "Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ])
  func smallBody(body: String) async throws {
    try await TestServer.run { server in
      let text = try await server.exchange(
        "GET /-/healthy HTTP/1.1\r\n\(Self.host)\(body)GET /-/ready HTTP/1.1\r\n\(Self.host)Connection: close\r\n\r\n")
      #expect(text.contains("is Healthy.") && text.contains("is Ready."))
    }
  }

  @Test(
    "what two servers could read in two ways is refused, and nothing after it is answered",
    arguments: [
      "GET / HTTP/1.1\r\n\(host)Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
      "GET / HTTP/1.1\r\n\(host)Content-Length: 4, 4\r\n\r\nabcd",
      "GET / HTTP/1.1\r\n\(host)Content-Length: +4\r\n\r\nabcd",
      "GET / HTTP/1.1\r\n\(host)Content-Length: 0x4\r\n\r\nabcd",
      "GET / HTTP/1.1\r\n\(host)Content-Length: -1\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.0\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)Bad Header: x\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)X: a\u{0}b\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host) folded: x\r\n\r\n",
      "GET / HTTP/3.0\r\n\(host)\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET /\r\n\r\n",
      "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n",
      "FROB / HTTP/1.1\r\n\(host)\r\n",
    ])
  func smuggling(request: String) async throws {
    try await TestServer.run { server in
      let text = try await server.exchange(request + "GET /-/healthy HTTP/1.1\r\n\(Self.host)\r\n")
      #expect(Answer(text)?.status == 400, "\(text)")
      #expect(!text.contains("Healthy"), "\(text)")
      #expect(text.components(separatedBy: "Content-Length: ").count == 2)
    }
  }

  @Test(
    "a body in another coding than chunked is not understood, and nothing after it is answered",
    arguments: ["gzip, chunked", "xchunked"])
  func codings(value: String) async throws {
    try await TestServer.run { server in
      let body = "Transfer-Encoding: \(value)\r\n\r\n0\r\n\r\n"
      let text = try await server.exchange("GET / HTTP/1.1\r\n\(Self.host)\(body)GET /-/healthy HTTP/1.1\r\n\(Self.host)\r\n")
      #expect(Answer(text)?.status == 501, "\(text)")
      #expect(text.components(separatedBy: "Content-Length: ").count == 2)
    }
  }

  @Test(
    "another protocol is not spoken: the request is answered and the connection ends",
    arguments: [
      "GET /-/healthy HTTP/1.1\r\n\(host)Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
      "GET /-/healthy HTTP/1.1\r\n\(host)Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ])
  func upgrade(request: String) async throws {
    try await TestServer.run { server in
      let text = try await server.exchange(request + "GET /-/ready HTTP/1.1\r\n\(Self.host)\r\n")
      #expect(text.contains("is Healthy.") && !text.contains("is Ready."))
      #expect(Answer(text)?.headers["connection"] == "close")
    }
  }

  @Test("pipelined requests are answered in order, up to the limit, and then the connection ends")
  func pipelining() async throws {
    try await TestServer.run { server in
      let paths = ["/-/healthy", "/metrics", "/-/ready", "/nowhere", "/api/v1/snapshot", "/-/healthy"]
      let few =
        paths.map { "GET \($0) HTTP/1.1\r\n\(Self.host)\r\n" }.joined() + "GET /-/ready HTTP/1.1\r\n\(Self.host)Connection: close\r\n\r\n"
      let text = try await server.exchange(few)
      let marks = ["is Healthy.", "portpool_capacity_ports{", "is Ready.", "404 page", "\"source\"", "is Healthy.", "is Ready."]
      var rest = text[...]
      for mark in marks {
        let range = try #require(rest.range(of: mark), "\(mark) in \(rest)")
        rest = rest[range.upperBound...]
      }
      // One slow request holds the rest back, so that all of them wait together.
      let many = "GET /metrics HTTP/1.1\r\n\(Self.host)\r\n" + String(repeating: "GET /-/healthy HTTP/1.1\r\n\(Self.host)\r\n", count: 500)
      let answers = try await server.exchange(many).components(separatedBy: "HTTP/1.1 200 OK").count - 1
      #expect(answers > 10 && answers <= server.limits.pipelinedRequests + 2, "\(answers)")
    }
  }

  @Test("connections above the limit, but for one, wait while the others are busy")
  func connections() async throws {
    var limits = EndpointLimits()
    limits.connections = 3
    let (counter, gate) = (CallCounter(), CollectionGate())
    try await TestServer.run(content: .sample(counter: counter, gate: gate), limits: limits) { server in
      let port = server.port
      let waited = try await blocking {
        let held = try (1...4).map { number in
          let client = try RawClient(port: port)
          client.send("GET /metrics HTTP/1.1\r\n\(Self.host)\r\n")
          try Until.holds(seconds: 60) { counter.all.count == number }
          return client
        }
        let next = try RawClient(port: port)
        next.send("GET /-/healthy HTTP/1.1\r\n\(Self.host)\r\n")
        let early = next.receive(seconds: 0.3)
        gate.open()
        return (early: early, held: held.map { $0.receiveAnswer() }, late: next.receiveAnswer())
      }
      #expect(waited.early == nil)
      #expect(waited.held.allSatisfy { $0.contains("portpool_capacity_ports{") })
      #expect(waited.late.contains("is Healthy."))
      #expect(await eventually { server.endpoint.openConnections == 0 })
    }
  }

  @Test("at the limit the connection that has been idle longest makes room")
  func idleMakesRoom() async throws {
    var limits = EndpointLimits()
    limits.connections = 3
    try await TestServer.run(limits: limits) { server in
      let port = server.port
      try await blocking {
        let held = try (0..<3).map { _ in try RawClient(port: port) }
        for client in held.reversed() {
          client.send("GET /-/healthy HTTP/1.1\r\n\(Self.host)\r\n")
          #expect(client.receiveAnswer().contains("is Healthy."))
          usleep(20_000)
        }
        let fourth = try RawClient(port: port)
        fourth.send("GET /-/ready HTTP/1.1\r\n\(Self.host)\r\n")
        #expect(fourth.receiveAnswer().contains("is Ready."))
        #expect(held[2].receiveToEnd() == "")
        held[0].send("GET /-/ready HTTP/1.1\r\n\(Self.host)\r\n")
        #expect(held[0].receiveAnswer().contains("is Ready."))
      }
      #expect(server.endpoint.openConnections <= 3)
    }
  }

  @Test("silent connections do not keep a scrape out")
  func silentFlood() async throws {
    var limits = EndpointLimits()
    limits.connections = 20
    // Nobody is closed for being slow.
    limits.headerTimeout = .seconds(600)
    try await TestServer.run(limits: limits) { server in
      let port = server.port
      let silent = try await blocking { try (0..<100).map { _ in try RawClient(port: port) } }
      #expect(try await server.get("/metrics").status == 200)
      _ = silent.count
    }
  }

  @Test(
    "clients that announce a body and send none, or read no answer, do not keep a scrape out",
    arguments: [
      "POST / HTTP/1.1\r\n\(host)Content-Length: 10\r\n\r\n", "GET /metrics HTTP/1.1\r\n\(host)Content-Length: 10\r\n\r\n",
      "GET /api/v1/snapshot HTTP/1.1\r\n\(host)\r\n",
    ])
  func slowFlood(request: String) async throws {
    var limits = EndpointLimits()
    limits.connections = 20
    (limits.headerTimeout, limits.bodyTimeout, limits.responseTimeout) = (.seconds(600), .seconds(600), .seconds(600))
    var content = EndpointContent.sample()
    let large = [UInt8](repeating: 0x61, count: 24 << 20)
    content.snapshotJSON = { large }
    try await TestServer.run(content: content, limits: limits) { server in
      let port = server.port
      let slow = try await blocking {
        try (0..<60).map { _ in
          let client = try RawClient(port: port, receiveBuffer: 4096)
          client.send(request)
          return client
        }
      }
      for _ in 0..<3 { #expect(try await server.get("/metrics").status == 200) }
      _ = slow.count
    }
  }

  @Test(
    "a request that is refused whatever its body holds is refused before its body comes",
    arguments: [
      ("POST /metrics", "10", 405), ("GET /nowhere", "10", 404), ("GET /%zz", "10", 400), ("GET /metrics", "70000", 413),
    ])
  func refusedByHead(line: String, length: String, status: Int) async throws {
    var limits = EndpointLimits()
    limits.bodyTimeout = .seconds(600)
    try await TestServer.run(limits: limits) { server in
      let port = server.port
      let text = try await blocking {
        let client = try RawClient(port: port)
        client.send("\(line) HTTP/1.1\r\n\(Self.host)Content-Length: \(length)\r\n\r\n")
        return client.receiveAnswer()
      }
      #expect(Answer(text)?.status == status && Answer(text)?.headers["connection"] == "close", "\(text)")
    }
  }
}
