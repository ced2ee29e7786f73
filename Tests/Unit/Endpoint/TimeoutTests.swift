import Endpoint
import Foundation
import Testing

@Suite(.serialized) struct TimeoutTests {
  static let host = "Host: localhost\r\n"

  @Test("a header that trickles in buys no time", arguments: ["G", "GET / HTTP/1.1\r\nX: a"])
  func slowHeader(start: String) async throws {
    try await TestServer.run(limits: .short) { server in
      let port = server.port
      let (text, seconds) = try await blocking {
        let client = try RawClient(port: port)
        client.send(start)
        let begin = Date()
        while Date().timeIntervalSince(begin) < 3, client.send("b") {
          if let bytes = client.receive(seconds: 0.05) { return (String(decoding: bytes, as: UTF8.self), Date().timeIntervalSince(begin)) }
        }
        return ("", Date().timeIntervalSince(begin))
      }
      #expect(Answer(text)?.status == 408 || Answer(text)?.status == 400, "\(text)")
      #expect(seconds < 1.4)
    }
  }

  @Test("a connection that says nothing is closed without a word")
  func silent() async throws {
    try await TestServer.run(limits: .short) { server in
      let text = try await server.exchange("", seconds: 3)
      #expect(text == "")
    }
  }

  @Test("a body that does not come is not waited for")
  func slowBody() async throws {
    try await TestServer.run(limits: .short) { server in
      let text = try await server.exchange("GET / HTTP/1.1\r\n\(Self.host)Content-Length: 10\r\n\r\nabc", seconds: 3)
      #expect(Answer(text)?.status == 408)
    }
  }

  @Test("between requests a connection lives for the idle time, not for the header time")
  func idle() async throws {
    try await TestServer.run(limits: .short) { server in
      let port = server.port
      let (second, seconds) = try await blocking {
        let client = try RawClient(port: port)
        client.send("GET /-/healthy HTTP/1.1\r\n\(Self.host)\r\n")
        _ = client.receiveAnswer()
        Thread.sleep(forTimeInterval: 0.8)
        client.send("GET /-/ready HTTP/1.1\r\n\(Self.host)\r\n")
        let second = client.receiveAnswer()
        let begin = Date()
        #expect(client.receiveToEnd(seconds: 5) == "")
        return (second, Date().timeIntervalSince(begin))
      }
      #expect(second.contains("is Ready."))
      #expect(seconds > 1 && seconds < 3)
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
    try await TestServer.run(content: .sample(wait: .milliseconds(300))) { server in
      let port = server.port
      try await blocking {
        let client = try RawClient(port: port)
        client.send("GET /metrics HTTP/1.1\r\n\(Self.host)\r\n")
        Thread.sleep(forTimeInterval: 0.1)
        try client.resetOnClose()
      }
      #expect(await eventually { server.endpoint.openConnections == 0 })
      try await Task.sleep(for: .milliseconds(400))
      let lines = server.recorder.all.filter { !$0.contains("listening") }
      #expect(lines.count <= 1 && lines.allSatisfy { $0.hasPrefix("debug") }, "\(lines)")
      #expect(try await server.get("/metrics").status == 200)
    }
  }

  @Test("a client that has said everything still gets its answer")
  func halfClosed() async throws {
    try await TestServer.run(content: .sample(wait: .milliseconds(100))) { server in
      let port = server.port
      let text = try await blocking {
        let client = try RawClient(port: port)
        client.send("GET /metrics HTTP/1.1\r\n\(Self.host)\r\n")
        client.shutdownWrite()
        return client.receiveToEnd() ?? "(no end)"
      }
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
