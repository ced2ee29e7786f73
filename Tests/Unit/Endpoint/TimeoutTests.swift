import Endpoint
import Foundation
import Testing

@Suite(.serialized) struct TimeoutTests {
  static let host = "Host: localhost\r\n"

  @Test("a header that trickles in buys no time", arguments: ["G", "GET / HTTP/1.1\r\nX: a"])
  func slowHeader(start: String) async throws {
    try await TestServer.run(limits: .short) { server in
      let port = server.port
      let text = try await blocking {
        let client = try RawClient(port: port)
        client.send(start)
        // As many as these take far longer than a header may, and make none that is too large.
        for _ in 0..<400 where client.send("b") {
          if let bytes = client.receive(seconds: 0.05) { return String(decoding: bytes, as: UTF8.self) }
        }
        return ""
      }
      #expect(Answer(text)?.status == 408 || Answer(text)?.status == 400, "\(text)")
    }
  }

  @Test("a connection that says nothing is closed without a word")
  func silent() async throws {
    try await TestServer.run(limits: .short) { server in
      let text = try await server.exchange("")
      #expect(text == "")
    }
  }

  @Test("a body that does not come is not waited for")
  func slowBody() async throws {
    try await TestServer.run(limits: .short) { server in
      let text = try await server.exchange("GET / HTTP/1.1\r\n\(Self.host)Content-Length: 10\r\n\r\nabc")
      #expect(Answer(text)?.status == 408)
    }
  }

  @Test("between requests a connection does not end with the header time")
  func idle() async throws {
    var limits = EndpointLimits.short
    limits.idleTimeout = .seconds(600)
    try await TestServer.run(limits: limits) { server in
      let port = server.port
      let second = try await blocking {
        let client = try RawClient(port: port)
        client.send("GET /-/healthy HTTP/1.1\r\n\(Self.host)\r\n")
        _ = client.receiveAnswer()
        Thread.sleep(forTimeInterval: 0.8)
        client.send("GET /-/ready HTTP/1.1\r\n\(Self.host)\r\n")
        return client.receiveAnswer()
      }
      #expect(second.contains("is Ready."))
    }
  }

  @Test("between requests a connection lives for the idle time")
  func idleEnd() async throws {
    var limits = EndpointLimits()
    limits.headerTimeout = .seconds(600)
    limits.idleTimeout = .milliseconds(500)
    try await TestServer.run(limits: limits) { server in
      let port = server.port
      let seconds = try await blocking {
        let client = try RawClient(port: port)
        let begin = Date()
        client.send("GET /-/healthy HTTP/1.1\r\n\(Self.host)\r\n")
        #expect(client.receiveAnswer().contains("is Healthy."))
        #expect(client.receiveToEnd() == "")
        return Date().timeIntervalSince(begin)
      }
      #expect(seconds > 0.4)
    }
  }

  @Test("a client that does not read is given up, and costs the others nothing")
  func slowReader() async throws {
    var content = EndpointContent.sample()
    let large = [UInt8](repeating: 0x61, count: 24 << 20)
    content.snapshotJSON = { large }
    try await TestServer.run(content: content, limits: .short) { server in
      let port = server.port
      let slow = try await blocking {
        let client = try RawClient(port: port, receiveBuffer: 4096)
        client.send("GET /api/v1/snapshot HTTP/1.1\r\n\(Self.host)\r\n")
        return client
      }
      #expect(try await server.get("/-/healthy").status == 200)
      #expect(await eventually { server.recorder.count(containing: "reads too slowly") == 1 })
      #expect(await eventually { server.endpoint.openConnections == 0 })
      _ = slow.descriptor
    }
  }

  @Test("a client that goes away in the middle costs one debug line at most")
  func gone() async throws {
    let (counter, gate) = (CallCounter(), CollectionGate())
    try await TestServer.run(content: .sample(counter: counter, gate: gate)) { server in
      let port = server.port
      let client = try await blocking {
        let client = try RawClient(port: port)
        client.send("GET /metrics HTTP/1.1\r\n\(Self.host)\r\n")
        return client
      }
      #expect(await eventually { counter.all.count == 1 })
      try client.reset()
      #expect(await eventually { server.endpoint.openConnections == 0 })
      gate.open()
      #expect(await eventually { gate.passed == 1 })
      // Whatever is said of it has been said when another has its answer.
      #expect(try await server.get("/-/healthy").status == 200)
      let lines = server.recorder.all.filter { !$0.contains("listening") && !$0.contains("/-/healthy") }
      #expect(lines.count <= 1 && lines.allSatisfy { $0.hasPrefix("debug") }, "\(lines)")
      #expect(try await server.get("/metrics").status == 200)
    }
  }

  @Test("a client that has said everything still gets its answer")
  func halfClosed() async throws {
    let (counter, gate) = (CallCounter(), CollectionGate())
    try await TestServer.run(content: .sample(counter: counter, gate: gate)) { server in
      let port = server.port
      async let answer = blocking {
        let client = try RawClient(port: port)
        client.send("GET /metrics HTTP/1.1\r\n\(Self.host)\r\n")
        client.shutdownWrite()
        return client.receiveToEnd() ?? "(no end)"
      }
      #expect(await eventually { counter.all.count == 1 })
      gate.open()
      let text = try await answer
      #expect(text.contains("portpool_capacity_ports{"))
    }
  }

  @Test("HTTP/1.0 closes after the answer, unless the client asks otherwise")
  func http10() async throws {
    try await TestServer.run { server in
      #expect(try await server.exchange("GET /-/healthy HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.0 200 OK\r\n"))
      let kept = try await server.exchange(
        "GET /-/healthy HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /-/ready HTTP/1.0\r\n\r\n")
      #expect(kept.contains("is Healthy.") && kept.contains("is Ready."))
    }
  }
}
