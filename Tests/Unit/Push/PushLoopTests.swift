import Exposition
import Push
import Synchronization
import TestSupport
import Testing

@Suite("Pushing at an interval", .timeLimit(.minutes(1)))
struct PushLoopTests {
  @Test("pushes come at the interval, over one connection")
  func interval() throws {
    let server = try ScriptedServer(.status(200))
    defer { server.stop() }
    let begin = ContinuousClock.now
    let running = RunningLoop(try Pushing.loop(PushConfiguration(url: server.url, interval: .seconds(1))))
    try Until.holds { server.requests.count >= 3 }
    #expect(running.stop() == nil)
    let requests = server.requests
    #expect(Set(requests.map(\.connection)) == [1])
    // However late a busy machine makes one, the next is due at its own time.
    for (number, request) in requests.enumerated() { #expect(request.time - begin >= .seconds(number)) }
    let statistics = running.loop.statistics
    #expect(statistics.pushes == UInt64(requests.count))
    #expect(statistics.failures.isEmpty)
    #expect(statistics.lastSuccess > 1_700_000_000)
    #expect(statistics.lastDuration > .zero && statistics.lastDuration < ContinuousClock.now - begin)
  }

  @Test("a push that overruns its interval is skipped, not queued")
  func overrun() throws {
    let server = try ScriptedServer(.slow(2.5, 200), .status(200))
    defer { server.stop() }
    let events = Mutex<[PushEvent]>([])
    let loop = try Pushing.loop(PushConfiguration(url: server.url, interval: .seconds(1))) { event in events.withLock { $0.append(event) } }
    let begin = ContinuousClock.now
    let running = RunningLoop(loop)
    try Until.holds { server.requests.count >= 2 }
    _ = running.stop()
    let skips = events.withLock { $0 }.compactMap { if case .skipped(let count) = $0 { count } else { nil } }
    // Two are due while it is on its way, and on a busy machine perhaps more; the next one comes when it is due.
    let skipped = try #require(skips.first)
    #expect(skipped >= 2 && server.requests[1].time - begin >= .seconds(skipped + 1))
    #expect(running.loop.statistics.skipped == skips.reduce(0, +))
  }

  @Test("stopping breaks off a push on its way at once, and does not count it")
  func stop() throws {
    let server = try ScriptedServer(.slow(30, 200))
    defer { server.stop() }
    let running = RunningLoop(try Pushing.loop(PushConfiguration(url: server.url, interval: .seconds(60), timeout: .seconds(60))))
    try Until.holds { server.requests.count == 1 }
    let begin = ContinuousClock.now
    #expect(running.stop() == nil)
    #expect(ContinuousClock.now - begin < .seconds(20))
    #expect(running.loop.statistics == PushStatistics())
  }

  @Test("stopping ends the wait for the next push and the wait for a retry", arguments: [200, 503])
  func stopWaiting(_ status: Int) throws {
    let server = try ScriptedServer(.status(status))
    defer { server.stop() }
    let slow = RetryPolicy(attempts: 9, base: .seconds(60), limit: .seconds(60))
    let running = RunningLoop(try Pushing.loop(PushConfiguration(url: server.url, interval: .seconds(600)), retries: slow))
    try Until.holds { server.requests.count == 1 }
    let begin = ContinuousClock.now
    _ = running.stop()
    #expect(ContinuousClock.now - begin < .seconds(20))
  }

  @Test("ending the group takes no longer than it may, whatever time limit a push has")
  func slowEnd() throws {
    let server = try ScriptedServer(.status(200), .slow(60, 200))
    defer { server.stop() }
    let running = RunningLoop(
      try Pushing.loop(PushConfiguration(url: server.url, interval: .seconds(600), deletesOnExit: true, timeout: .seconds(3600))))
    try Until.holds { running.loop.statistics.pushes == 1 }
    let begin = ContinuousClock.now
    #expect(running.stop() == nil)
    #expect(server.requests.last?.line.hasPrefix("DELETE ") == true)
    #expect(ContinuousClock.now - begin < PushLoop.finishLimit + .seconds(20))
  }

  @Test("a single push that is cancelled has not arrived")
  func stopOnce() throws {
    let server = try ScriptedServer(.slow(30, 200))
    defer { server.stop() }
    let running = RunningLoop(try Pushing.loop(PushConfiguration(url: server.url, timeout: .seconds(60))))
    try Until.holds { server.requests.count == 1 }
    #expect(running.stop()?.reason == .stopped)
  }

  @Test("failures are counted by reason, and told as news only once")
  func failures() throws {
    let server = try ScriptedServer(.status(500), .status(500), .status(400), .status(200))
    defer { server.stop() }
    let events = Mutex<[PushEvent]>([])
    let loop = try Pushing.loop(PushConfiguration(url: server.url, interval: .seconds(1))) { event in events.withLock { $0.append(event) } }
    let running = RunningLoop(loop)
    try Until.holds { running.loop.statistics.pushes >= 5 }
    _ = running.stop()
    #expect(running.loop.statistics.failures == [.server: 2, .rejected: 1])
    let news = events.withLock { $0 }.compactMap { event in
      switch event {
      case .failed(let error, let repeated): "\(error.reason) \(repeated)"
      case .arrived(_, let recovered): "arrived \(recovered)"
      // What a busy machine does.
      case .skipped: nil
      case .finished: "finished"
      }
    }
    #expect(news.prefix(5) == ["server false", "server true", "rejected false", "arrived true", "arrived false"])
    #expect(news.last == "finished")
  }

  @Test("no retry begins after the next push is due")
  func retriesEndWithTheInterval() throws {
    let server = try ScriptedServer(.status(503))
    defer { server.stop() }
    let slow = RetryPolicy(attempts: 100, base: .milliseconds(400), limit: .milliseconds(400))
    let running = RunningLoop(try Pushing.loop(PushConfiguration(url: server.url, interval: .seconds(1)), retries: slow))
    try Until.holds { running.loop.statistics.pushes >= 2 }
    #expect(running.stop()?.reason == .server)
    #expect(server.requests.count <= 12)
    #expect(running.loop.statistics.skipped == 0)
  }

  @Test("what cannot be collected is a failure, and nothing is sent")
  func collection() throws {
    struct Unreadable: Error {}
    let server = try ScriptedServer(.status(200))
    defer { server.stop() }
    let loop = try PushLoop(
      PushConfiguration(url: server.url), readFile: Pushing.read, collect: { throw Unreadable() }, report: { _ in })
    #expect(loop.run()?.reason == .collection)
    #expect(server.requests.isEmpty)
    #expect(loop.statistics.failures == [.collection: 1])
  }
}
