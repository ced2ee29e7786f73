import Endpoint
import Testing

@Suite struct RoutingTests {
  @Test(
    "a path leads to its answer",
    arguments: [
      ("GET", "/metrics", 200, "text/plain"), ("HEAD", "/metrics", 200, "text/plain"),
      ("GET", "/", 200, "text/html; charset=utf-8"), ("GET", "/api/v1/snapshot", 200, "application/json"),
      ("GET", "/-/healthy", 200, "text/plain"), ("GET", "/-/ready", 200, "text/plain"),
      ("GET", "/%6Detrics", 200, "text/plain"), ("GET", "http://localhost/metrics", 200, "text/plain"),
      ("GET", "http://localhost", 200, "text/html"),
      ("GET", "/metrics/", 404, "text/plain"), ("GET", "//", 404, "text/plain"), ("GET", "/index.html", 404, "text/plain"),
      ("GET", "/favicon.ico", 404, "text/plain"), ("GET", "/%zz", 400, "text/plain"), ("GET", "/metrics%00", 400, "text/plain"),
      ("POST", "/metrics", 405, "text/plain"), ("DELETE", "/", 405, "text/plain"), ("OPTIONS", "/metrics", 405, "text/plain"),
      ("PUT", "/nowhere", 404, "text/plain"),
    ])
  func paths(method: String, path: String, status: Int, type: String) async throws {
    try await TestServer.run { server in
      let answer = try await server.get(path, method: method)
      #expect(answer.status == status)
      #expect(answer.headers["content-type"]?.hasPrefix(type) == true)
      #expect(answer.headers["x-content-type-options"] == "nosniff")
      #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
      #expect(answer.headers["connection"] == "close")
      if status == 405 { #expect(answer.headers["allow"] == "GET, HEAD") }
      if method == "HEAD" {
        #expect(answer.body.isEmpty)
        #expect(answer.headers["content-length"] != "0")
      } else {
        #expect(answer.headers["content-length"] == String(answer.body.utf8.count))
      }
    }
  }

  @Test("the telemetry path is the user's choice, and the default path is then unknown")
  func telemetryPath() async throws {
    let recorder = LogRecorder()
    let configuration = try EndpointConfiguration(listenAddresses: [.host("127.0.0.1", port: 0)], telemetryPath: "/custom/metrics")
    let endpoint = Endpoint(configuration: configuration, content: .sample(), log: recorder.log)
    let port = try #require(try await endpoint.bind().first?.port)
    let running = Task { try await endpoint.run() }
    let server = TestServer(endpoint: endpoint, recorder: recorder, port: port, limits: configuration.limits)
    #expect(try await server.get("/custom/metrics").status == 200)
    #expect(try await server.get("/metrics").status == 404)
    #expect(try await server.get("/").body.contains("href=\"./custom/metrics\""))
    endpoint.shutdown()
    try await running.value
  }

  @Test("a telemetry path that cannot work is refused", arguments: ["metrics", "", "/", "/-/ready", "/a b", "/a?b", "/a#b", "/ä"])
  func badTelemetryPath(path: String) {
    #expect(throws: EndpointError.self) { try EndpointConfiguration(telemetryPath: path) }
  }

  @Test("the page is sent as the program makes it, with its headers, and with the paths of this server")
  func document() async throws {
    try await TestServer.run { server in
      let answer = try await server.get("/")
      #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
      #expect(answer.headers["content-security-policy"] == "default-src 'none'")
      #expect(answer.headers["cache-control"] == "no-store")
      #expect(answer.body == "<!DOCTYPE html><a href=\"./metrics\">Metrics</a><a href=\"./api/v1/snapshot\">JSON</a>")
    }
  }

  @Test("collect[] and exclude[] choose collectors, and their faults are named")
  func selection() async throws {
    let counter = CallCounter()
    try await TestServer.run(content: .sample(counter: counter)) { server in
      #expect(try await server.get("/metrics").status == 200)
      #expect(try await server.get("/metrics?collect[]=udp").status == 200)
      #expect(try await server.get("/metrics?collect%5B%5D=udp&collect[]=tcp").status == 200)
      #expect(try await server.get("/metrics?exclude[]=udp").status == 200)
      for (query, body) in [
        ("collect[]=tcp&exclude[]=udp", "Combined collect and exclude queries are not allowed.\n"),
        ("collect[]=nfs", "missing collector: nfs\n"), ("exclude[]=nfs", "missing collector: nfs\n"),
        ("collect[]=owners", "disabled collector: owners\n"),
      ] {
        let answer = try await server.get("/metrics?" + query)
        #expect(answer.status == 400)
        #expect(answer.body == body)
      }
    }
    #expect(counter.all.map(\.collectors) == [["tcp", "udp"], ["udp"], ["tcp", "udp"], ["tcp"]])
  }
}
