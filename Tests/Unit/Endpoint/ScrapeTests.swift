import Exposition
import Foundation
import Synchronization
import Testing

@testable import Endpoint

@Suite struct ScrapeTests {
  @Test("scrapes that get the same metrics get the same bytes, which are made once")
  func shared() async throws {
    let made = Mutex(0)
    let metrics = CollectedMetrics {
      made.withLock { $0 += 1 }
      return .sample
    }
    var content = EndpointContent.sample()
    content.collect = { _ in metrics }
    try await TestServer.run(content: content, maxRequests: 0) { server in
      #expect(made.withLock { $0 } == 0)
      let bodies = try await withThrowingTaskGroup(of: Answer.self) { group in
        for _ in 0..<64 { group.addTask { try await server.get("/metrics") } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(bodies.count == 64)
      #expect(bodies.allSatisfy { $0.status == 200 && $0.body == bodies[0].body && !$0.body.isEmpty })
    }
    #expect(made.withLock { $0 } == 1)
  }

  @Test("readiness says what keeps scrapes from being answered in full, and liveness does not depend on it")
  func hindrance() async throws {
    let hindrance = Mutex<Hindrance?>(nil)
    var content = EndpointContent.sample()
    content.hindrance = { hindrance.withLock { $0 } }
    try await TestServer.run(content: content) { server in
      #expect(try await server.get("/-/ready").status == 200)
      hindrance.withLock { $0 = Hindrance(reason: "tcp has hung for 35 s", isTotal: true) }
      let answer = try await server.get("/-/ready")
      #expect(answer.status == 503)
      #expect(answer.body == "Portpool answers in part: tcp has hung for 35 s.\n")
      #expect(try await server.get("/-/healthy").status == 200)
      hindrance.withLock { $0 = nil }
      #expect(try await server.get("/-/ready").status == 200)
    }
  }

  @Test(
    "the client's timeout minus the offset is the deadline; a timeout within the offset leaves half of it",
    arguments: [("10", 9.5), ("0.4", 0.2), ("0.5", 0.25), ("1.5", 1.0)])
  func deadline(header: String, seconds: Double) async throws {
    let counter = CallCounter()
    let before = ContinuousClock.now
    try await TestServer.run(content: .sample(counter: counter)) { server in
      _ = try await server.get("/metrics", headers: "X-Prometheus-Scrape-Timeout-Seconds: \(header)\r\n")
    }
    // Whatever the machine takes for the way, the deadline lies so long after the request came in: later than that after `before`, and not
    // later than that after the collection began.
    let deadline = try #require(counter.all.first?.deadline)
    let began = try #require(counter.times.first)
    #expect((deadline - before) / .seconds(1) >= seconds && (deadline - began) / .seconds(1) <= seconds)
  }

  @Test("a timeout that is not a positive number sets no deadline", arguments: ["", "abc", "-1", "0", "nan", "inf"])
  func noDeadline(header: String) async throws {
    let counter = CallCounter()
    try await TestServer.run(content: .sample(counter: counter)) { server in
      let answer = try await server.get("/metrics", headers: "X-Prometheus-Scrape-Timeout-Seconds: \(header)\r\n")
      #expect(answer.status == 200)
    }
    #expect(counter.all.map(\.deadline) == [nil])
  }

  @Test("a collection that is cut off at the deadline is answered with what is ready, before the client gives up")
  func partial() async throws {
    var content = EndpointContent.sample()
    content.collect = { request in
      var metrics = MetricSet.sample
      if let deadline = request.deadline { try? await Task.sleep(until: deadline) }
      let success = MetricDescriptor("portpool_scrape_collector_success", labels: ["collector"], help: "Whether it ended in time.")
      metrics.add(success, "udp", value: 0)
      return CollectedMetrics { [metrics] in metrics }
    }
    try await TestServer.run(content: content, timeoutOffset: .seconds(59)) { server in
      let begin = ContinuousClock.now
      let answer = try await server.get("/metrics", headers: "X-Prometheus-Scrape-Timeout-Seconds: 60\r\n")
      let took = ContinuousClock.now - begin
      #expect(answer.status == 200)
      #expect(answer.body.contains("portpool_scrape_collector_success{collector=\"udp\"} 0"))
      #expect(answer.body.contains("portpool_capacity_ports{netns=\"host\",protocol=\"tcp\"} 28232"))
      #expect(took > .milliseconds(900) && took < .seconds(60))
    }
  }

  @Test("gzip is used when it is allowed, and unpacks to the same metrics")
  func gzip() async throws {
    try await TestServer.run { server in
      let plain = try await server.get("/metrics")
      #expect(plain.headers["content-encoding"] == nil)
      #expect(plain.headers["vary"] == "Accept, Accept-Encoding")
      let port = server.port
      let unpacked = try await blocking {
        try Command.run("curl", "-s", "--compressed", "-D", "/dev/stderr", "http://127.0.0.1:\(port)/metrics")
      }
      #expect(unpacked.output == plain.body)
      #expect(unpacked.errors.lowercased().contains("content-encoding: gzip"))
      #expect(try await server.get("/metrics", headers: "Accept-Encoding: gzip;q=0\r\n").headers["content-encoding"] == nil)
      #expect(try await server.get("/nowhere", headers: "Accept-Encoding: gzip\r\n").headers["content-encoding"] == nil)
    }
  }

  @Test("a client that has no request under way gets past the limit, until there are twice as many")
  func gate() {
    let gate = RequestGate(limit: 2)
    #expect(gate.enter(from: "192.0.2.1") && gate.enter(from: "192.0.2.1"))
    #expect(!gate.enter(from: "192.0.2.1"))
    #expect(gate.enter(from: "192.0.2.2") && gate.enter(from: "192.0.2.3"))
    #expect(!gate.enter(from: "192.0.2.2") && !gate.enter(from: "192.0.2.4"))
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] { gate.leave(from: address) }
    #expect(gate.enter(from: "192.0.2.1"))
    #expect(!gate.enter(from: "192.0.2.1"))
  }

  @Test("requests above --web.max-requests get 503, health checks do not count")
  func maxRequests() async throws {
    let (counter, gate) = (CallCounter(), CollectionGate())
    try await TestServer.run(content: .sample(counter: counter, gate: gate), maxRequests: 2) { server in
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<5 { group.addTask { try await server.get("/metrics").status } }
        // Those that are refused do not wait for the others.
        var statuses: [Int] = []
        for _ in 0..<3 { if let status = try await group.next() { statuses.append(status) } }
        #expect(statuses == [503, 503, 503] && counter.all.count == 2)
        #expect(try await server.get("/-/healthy").status == 200)
        gate.open()
        return try await group.reduce(into: statuses) { $0.append($1) }
      }
      #expect(statuses == [503, 503, 503, 200, 200])
      let answer = try await server.get("/metrics")
      #expect(answer.status == 200)
    }
  }

  @Test("content that fails is a 503 with its reason")
  func failure() async throws {
    struct Broken: Error, CustomStringConvertible { let description = "no table could be read" }
    var content = EndpointContent.sample()
    content.snapshotJSON = { throw Broken() }
    content.page = { _ in throw Broken() }
    try await TestServer.run(content: content) { server in
      for path in ["/", "/api/v1/snapshot"] {
        let answer = try await server.get(path)
        #expect(answer.status == 503)
        #expect(answer.body == "no table could be read\n")
      }
    }
  }
}
