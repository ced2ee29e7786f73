import Exposition
import Foundation
import Push
import TestSupport
import Testing

@Suite("Against a real Pushgateway", .timeLimit(.minutes(2)))
struct PushgatewayTests {
  static let expected = [
    #"portpool_capacity_ports{instance="web-1",job="portpool",netns="host",protocol="tcp"} 28232"#,
    #"portpool_capacity_ports{instance="web-1",job="portpool",netns="host",protocol="udp"} 0.5"#,
    #"portpool_push_total{instance="web-1",job="portpool"} 3"#,
  ]

  @Test("what is pushed is there, types and all, without process_*", arguments: PushCompression.allCases)
  func put(_ compression: PushCompression) throws {
    let gateway = try Gateway()
    let configuration = try PushConfiguration(url: gateway.url, grouping: ["instance=web-1"], compression: compression)
    #expect(try Pushing.once(configuration) == nil)
    #expect(try gateway.samples("portpool_") == Self.expected)
    #expect(try gateway.samples("process_cpu_seconds_total{").isEmpty)
    #expect(try gateway.samples("# TYPE portpool_push_total") == ["# TYPE portpool_push_total counter"])
    #expect(try gateway.samples("# HELP portpool_cap") == [#"# HELP portpool_capacity_ports Ports of the "pool"."#])
  }

  @Test("PUT replaces the group, POST only the metrics of the same name")
  func methods() throws {
    let gateway = try Gateway()
    var other = MetricSet()
    other.add(Pushing.pushes, value: 4)
    #expect(try Pushing.once(PushConfiguration(url: gateway.url)) == nil)
    #expect(try Pushing.once(PushConfiguration(url: gateway.url, method: .post), other) == nil)
    #expect(try gateway.samples("portpool_").count == 3)
    #expect(try gateway.samples("portpool_push_total").first?.hasSuffix(" 4") == true)
    #expect(try Pushing.once(PushConfiguration(url: gateway.url, method: .put), other) == nil)
    #expect(try gateway.samples("portpool_").count == 1)
  }

  @Test("the explanation of a 400 is shown, and the push is not tried again")
  func inconsistent() throws {
    let gateway = try Gateway()
    #expect(try Pushing.once(PushConfiguration(url: gateway.url, job: "other")) == nil)
    var wrongType = MetricSet()
    wrongType.add(MetricDescriptor(Pushing.capacity.name, .histogram, help: "Other."), histogram: HistogramValue(upperBounds: [1]))
    let error = try #require(try Pushing.once(PushConfiguration(url: gateway.url), wrongType, retries: .standard))
    #expect(error.reason == .rejected)
    #expect(error.description.hasPrefix("\(gateway.url)/metrics/job/portpool: 400 Bad Request: pushed metrics are invalid or inconsistent"))
    #expect(error.description.contains(Pushing.capacity.name))
    #expect(try gateway.samples("portpool_capacity_ports{").count == 2)
  }

  @Test("the group is deleted when the program ends, and only then")
  func deleteOnExit() throws {
    let gateway = try Gateway()
    let configuration = try PushConfiguration(url: gateway.url, interval: .seconds(1), deletesOnExit: true)
    let running = RunningLoop(try Pushing.loop(configuration))
    try Until.holds { running.loop.statistics.pushes >= 2 }
    #expect(try gateway.groups() == [["job": "portpool"]])
    #expect(running.stop() == nil)
    #expect(try gateway.groups().isEmpty)
  }

  @Test("a restart of the gateway is got over, on a new connection")
  func restart() throws {
    let gateway = try Gateway()
    let configuration = try PushConfiguration(url: gateway.url, interval: .seconds(1))
    let running = RunningLoop(try Pushing.loop(configuration))
    try Until.holds { running.loop.statistics.pushes >= 1 }
    _ = try gateway.program.stop()
    try Until.holds { running.loop.statistics.failures[.connection, default: 0] >= 1 }
    let again = try Gateway(port: gateway.port)
    try Until.holds { try again.groups() == [["job": "portpool"]] }
    #expect(running.stop() == nil)
  }

  @Test("a grouping label that a metric has too is refused before anything is sent")
  func collision() throws {
    let server = try ScriptedServer(.status(200))
    defer { server.stop() }
    let error = try #require(try Pushing.once(PushConfiguration(url: server.url, grouping: ["netns=x"])))
    #expect(error.reason == .grouping)
    #expect(error.description.contains("the grouping label netns is a label of portpool_capacity_ports too"))
    #expect(server.requests.isEmpty)
  }
}
