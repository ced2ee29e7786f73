import Exposition
import Foundation
import Push
import Synchronization
import TestSupport
import Testing

@Suite("Remote write 1.0", .timeLimit(.minutes(2)))
struct RemoteWriteTests {
  static var metrics: MetricSet {
    var metrics = Pushing.metrics
    let histogram = MetricDescriptor("portpool_wait_seconds", .histogram, labels: ["url"], help: "Wait.")
    metrics.add(histogram, "g\"\\\n", histogram: HistogramValue(upperBounds: [0.1, 1], bucketCounts: [1, 2, 3], sum: 4.5))
    let odd = MetricDescriptor("portpool_odd", labels: ["kind"], help: "Odd.")
    metrics.add(odd, "nan", value: Double.nan)
    metrics.add(odd, "infinite", value: Double.infinity)
    metrics.add(odd, "tiny", value: 1e-300)
    metrics.add(odd, "", value: -0.5)
    return metrics
  }

  @Test("a real Prometheus takes it, and a query gives back the same values")
  func readBack() throws {
    let prometheus = try Prometheus()
    let configuration = try PushConfiguration(url: prometheus.url, format: .remoteWrite, grouping: ["instance=web-1"])
    #expect(try Pushing.once(configuration, Self.metrics) == nil)
    let stored = try prometheus.series(#"{job="portpool"}"#)
    let sent = Self.metrics.filtered { !$0.hasPrefix("process_") }.families.flatMap(\.series)
    #expect(stored.count == sent.count)
    for series in sent {
      var labels = ["__name__": series.name, "job": "portpool", "instance": "web-1"]
      for label in series.labels where !label.value.isEmpty { labels[label.name] = label.value }
      let value = try #require(stored[labels], "\(labels)")
      #expect(value == series.value || value.isNaN && series.value.isNaN, "\(labels)")
    }
  }

  @Test("series that vanish, and all at the end, are marked stale")
  func staleness() throws {
    let prometheus = try Prometheus()
    let configuration = try PushConfiguration(url: prometheus.url, format: .remoteWrite, interval: .seconds(1))
    let shrinks = Atomic(false)
    let loop = try PushLoop(
      configuration, readFile: Pushing.read,
      collect: {
        shrinks.load(ordering: .relaxed) ? Self.metrics.filtered { $0 == "portpool_push_total" } : Self.metrics
      }, report: { _ in })
    let running = RunningLoop(loop)
    try Until.holds { try prometheus.series(#"{job="portpool"}"#).count == 12 }
    shrinks.store(true, ordering: .relaxed)
    try Until.holds { try prometheus.series(#"{job="portpool"}"#).count == 1 }
    #expect(running.stop() == nil)
    #expect(try prometheus.series(#"{job="portpool"}"#).isEmpty)
    #expect(try prometheus.series(#"last_over_time({job="portpool"}[1m])"#).count == 12)
    #expect(loop.statistics.failures.isEmpty)
  }

  @Test("more samples than one request takes go in several")
  func batches() throws {
    let prometheus = try Prometheus()
    let many = MetricDescriptor("portpool_many", labels: ["number"], help: "Many.")
    var metrics = MetricSet()
    for number in 0..<4_500 { metrics.add(many, String(number), value: number) }
    let server = try ScriptedServer(.status(204))
    defer { server.stop() }
    #expect(try Pushing.once(PushConfiguration(url: server.url, format: .remoteWrite), metrics) == nil)
    #expect(server.requests.count == 3)
    #expect(server.requests.allSatisfy { $0.line == "POST /api/v1/write HTTP/1.1" })
    #expect(
      server.requests.allSatisfy { $0.headers["content-encoding"] == "snappy" && $0.headers["content-type"] == "application/x-protobuf" })
    #expect(server.requests.allSatisfy { $0.headers["x-prometheus-remote-write-version"] == "0.1.0" })
    #expect(try Pushing.once(PushConfiguration(url: prometheus.url, format: .remoteWrite), metrics) == nil)
    let stored = try prometheus.series("portpool_many")
    #expect(stored.count == 4_500)
    #expect(stored.allSatisfy { labels, value in labels["number"] == String(Int(value)) })
  }

  @Test("the message is that of the specification: labels sorted by bytes, one sample, types and help")
  func message() throws {
    let server = try ScriptedServer(.status(204))
    defer { server.stop() }
    let configuration = try PushConfiguration(url: server.url, format: .remoteWrite, grouping: ["Zone=a", "aaa=b", "zzz="])
    let before = Int64(Date.now.timeIntervalSince1970 * 1_000)
    #expect(try Pushing.once(configuration, Self.metrics) == nil)
    let request = try ProtobufReader(SnappyReader.unpacked(server.requests[0].body))
    let series = try request.messages(1)
    #expect(series.count == 12)
    let labels = try series.map { try $0.messages(1).map { [$0.text(1), $0.text(2)] } }
    #expect(
      labels[0] == [
        ["Zone", "a"], ["__name__", "portpool_capacity_ports"], ["aaa", "b"], ["job", "portpool"], ["netns", "host"], ["protocol", "tcp"],
      ])
    for labels in labels {
      #expect(labels.allSatisfy { !$0[1].isEmpty })
      #expect(zip(labels, labels.dropFirst()).allSatisfy { $0[0].utf8.lexicographicallyPrecedes($1[0].utf8) })
    }
    for series in series {
      let samples = try series.messages(2)
      try #require(samples.count == 1)
      guard case .varint(let milliseconds) = samples[0].value(2) else {
        Issue.record("a sample has no time")
        continue
      }
      #expect((before...before + 60_000).contains(Int64(milliseconds)))
    }
    let first = try series[0].messages(2)[0].value(1)
    #expect(first == .fixed64(28_232.0.bitPattern))
    let notANumber = try #require(labels.firstIndex { $0.contains(["kind", "nan"]) })
    #expect(try series[notANumber].messages(2)[0].value(1) == .fixed64(0x7FF8_0000_0000_0001))
    let metadata = try request.messages(3)
    #expect(metadata.map { $0.text(2) } == ["portpool_capacity_ports", "portpool_odd", "portpool_push_total", "portpool_wait_seconds"])
    #expect(metadata.map { $0.value(1) } == [.varint(2), .varint(2), .varint(1), .varint(3)])
    #expect(metadata[0].text(4) == "Ports of the \"pool\"." && metadata[0].text(5) == "ports" && metadata[2].text(5) == "")
  }

  @Test("what the receiver says against a sample is shown")
  func refused() throws {
    let prometheus = try Prometheus(["--storage.tsdb.retention.time=1d"], receives: false)
    let error = try #require(try Pushing.once(PushConfiguration(url: prometheus.url, format: .remoteWrite), retries: Pushing.quick))
    #expect(error.reason == .rejected)
    #expect(
      error.description.hasPrefix("\(prometheus.url)/api/v1/write: 404 Not Found: remote write receiver needs to be enabled"), "\(error)")
  }
}
