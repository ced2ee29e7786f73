import Endpoint
import Exposition
import Testing

/// A running server on a loopback port of the kernel's choice.
struct TestServer: Sendable {
  let endpoint: Endpoint
  let recorder: LogRecorder
  let port: Int
  let limits: EndpointLimits

  /// Starts a server, hands it to `body`, and shuts it down.
  static func run<T: Sendable>(
    content: EndpointContent = .sample(),
    listen: [ListenAddress] = [.host("127.0.0.1", port: 0)],
    maxRequests: Int = 40,
    timeoutOffset: Duration = .milliseconds(500),
    webConfig: String? = nil,
    limits: EndpointLimits = EndpointLimits(),
    body: @Sendable (TestServer) async throws -> T
  ) async throws -> T {
    let recorder = LogRecorder()
    let configuration = try EndpointConfiguration(
      listenAddresses: listen, maxRequests: maxRequests, timeoutOffset: timeoutOffset, webConfigFile: webConfig,
      limits: limits)
    let endpoint = Endpoint(configuration: configuration, content: content, log: recorder.log)
    let addresses = try await endpoint.bind()
    let server = TestServer(endpoint: endpoint, recorder: recorder, port: addresses.first?.port ?? 0, limits: limits)
    let running = Task { try await endpoint.run() }
    do {
      while !endpoint.isServing { try await Task.sleep(for: .milliseconds(2)) }
      let result = try await body(server)
      endpoint.shutdown()
      try await running.value
      return result
    } catch {
      endpoint.shutdown()
      try await running.value
      throw error
    }
  }

  /// Sends bytes on a connection of its own and returns everything until the server closes.
  func exchange(_ text: String, seconds: Double = 30) async throws -> String {
    let port = port
    return try await blocking {
      let client = try RawClient(port: port)
      client.send(text)
      return client.receiveToEnd(seconds: seconds) ?? "(no end)"
    }
  }

  /// A request of one path; the connection closes after it.
  func get(_ path: String, method: String = "GET", headers: String = "") async throws -> Answer {
    let text = try await exchange("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(headers)\r\n")
    return try #require(Answer(text), "no answer: \(text)")
  }
}
