import Endpoint
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct ShutdownTests {
  @Test("shutting down lets the running scrape end, closes idle connections of every listener, and returns")
  func graceful() async throws {
    let recorder = LogRecorder()
    let (counter, gate) = (CallCounter(), CollectionGate())
    let configuration = try EndpointConfiguration(listenAddresses: [.host("127.0.0.1", port: 0), .host("::1", port: 0)])
    let endpoint = Endpoint(configuration: configuration, content: .sample(counter: counter, gate: gate), log: recorder.log)
    let addresses = try await endpoint.bind()
    let ports = addresses.compactMap(\.port)
    try #require(ports.count == 2)
    let running = Task { try await endpoint.run() }
    let idle = try await blocking {
      let clients = try [RawClient(port: ports[0]), RawClient(port: ports[1], host: "::1")]
      for client in clients {
        client.send("GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.receiveAnswer().contains("is Healthy."))
      }
      return clients
    }
    async let scrape = blocking {
      let client = try RawClient(port: ports[0])
      client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
      return client.receiveToEnd() ?? "(no end)"
    }
    #expect(await eventually { counter.all.count == 1 })
    endpoint.shutdown()
    // While the scrape is under way, and long before connections are idle for too long.
    #expect(try await blocking { idle.map { $0.receiveToEnd() } } == ["", ""])
    gate.open()
    try await running.value
    let text = try await scrape
    #expect(text.contains("portpool_capacity_ports{") && Answer(text)?.headers["connection"] == "close")
    #expect(endpoint.boundAddresses.isEmpty)
    await #expect(throws: SystemCallFailure.self) { try await blocking { try RawClient(port: ports[0]) } }
  }

  @Test("a scrape that does not end is cut off after the drain time")
  func stuck() async throws {
    let recorder = LogRecorder()
    let (counter, gate) = (CallCounter(), CollectionGate())
    let configuration = try EndpointConfiguration(listenAddresses: [.host("127.0.0.1", port: 0)], limits: .short)
    let endpoint = Endpoint(configuration: configuration, content: .sample(counter: counter, gate: gate), log: recorder.log)
    let port = try #require(try await endpoint.bind().first?.port)
    let running = Task { try await endpoint.run() }
    async let scrape = blocking {
      let client = try RawClient(port: port)
      client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
      return client.receiveToEnd() ?? "(no end)"
    }
    #expect(await eventually { counter.all.count == 1 })
    let begin = ContinuousClock.now
    running.cancel()
    try await running.value
    #expect(ContinuousClock.now - begin > .milliseconds(700))
    #expect(try await scrape == "" && gate.passed == 0)
    gate.open()
    #expect(recorder.count(containing: "did not end in time") == 1)
  }

  @Test("a server is started once")
  func once() async throws {
    try await TestServer.run { server in
      _ = await #expect(throws: EndpointError.alreadyStarted) { try await server.endpoint.bind() }
    }
  }
}
