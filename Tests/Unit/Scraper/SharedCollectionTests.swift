import Dispatch
import Foundation
import Kernel
import PortModel
import Scraper
import Synchronization
import TestSupport
import Testing

@Suite("Collections that many wait for")
struct SharedCollectionTests {
  private static let late = "slow: not read to its end before the scrape's deadline"
  private static let hangs = "slow: hangs in an earlier scrape, and is not asked again before it has returned"

  @Test("who cannot wait any longer gets what is ready, although a collector before that has not returned")
  func deadline() {
    let desk = Desk()
    desk.slow.close()
    let scrape = desk.ask(within: .seconds(2))
    desk.slow.waitForEntry()
    desk.advance(.milliseconds(499))
    desk.collections.check()
    #expect(desk.threads.started == 1 && desk.quick.asked == 0)
    desk.advance(.milliseconds(1))
    desk.collections.check()
    desk.threads.waitForEnd()
    #expect(desk.threads.started == 2 && desk.quick.asked == 1)
    #expect(!scrape.isAnswered)
    desk.advance(.milliseconds(1500))
    desk.giveUp(scrape)
    #expect(scrape.snapshot.problems == [Self.late])
    #expect(scrape.snapshot.found(QuickCollector.self) && !scrape.snapshot.found(SlowCollector.self))
    #expect(scrape.snapshot.outcomes.first?.duration == 2)
    desk.slow.open()
    desk.threads.waitForEnd()
  }

  @Test("a collector that hangs is not asked again, and costs the others neither time nor threads, until it is back")
  func hangs() {
    let desk = Desk()
    desk.hang()
    #expect(desk.collections.hanging == [SlowCollector.name: .seconds(9)])
    for number in 1...100 {
      let scrape = desk.ask(within: .seconds(10))
      desk.threads.waitForEnd()
      // The clock has not moved.
      #expect(scrape.snapshot.problems == [Self.hangs])
      #expect(scrape.snapshot.found(QuickCollector.self))
      #expect(desk.quick.asked == number + 1 && desk.slow.asked == 1)
      #expect(desk.threads.running == 1)
    }
    desk.slow.open()
    desk.threads.waitForEnd()
    #expect(desk.collections.hanging.isEmpty)
    let scrape = desk.ask(within: .seconds(10))
    #expect(scrape.snapshot.problems.isEmpty && scrape.snapshot.found(SlowCollector.self))
    #expect(desk.slow.asked == 2)
  }

  @Test("a collector is slow, and waited for, while someone still waits for the collection that asked it, for a minute at most")
  func slow() {
    let desk = Desk()
    desk.slow.close()
    let patient = desk.ask(within: .seconds(600))
    desk.slow.waitForEntry()
    desk.advance(.seconds(59))
    desk.collections.check()
    desk.threads.waitForEnd()
    #expect(desk.collections.hanging.isEmpty)
    let next = desk.ask(within: .seconds(10))
    desk.threads.waitForEnd()
    #expect(!next.isAnswered && desk.quick.asked == 2)
    desk.advance(.seconds(1))
    desk.collections.check()
    #expect(next.snapshot.problems == [Self.hangs])
    #expect(desk.collections.hanging == [SlowCollector.name: .seconds(60)])
    desk.slow.open()
    #expect(patient.snapshot.problems.isEmpty && patient.snapshot.found(SlowCollector.self))
  }

  @Test("what returns late, but before the deadline, is part of the answer")
  func handedOver() {
    let desk = Desk()
    desk.slow.close()
    let scrape = desk.ask(within: .seconds(10))
    desk.slow.waitForEntry()
    desk.advance(.seconds(1))
    desk.collections.check()
    desk.threads.waitForEnd()
    desk.slow.open()
    #expect(scrape.snapshot.problems.isEmpty)
    #expect(scrape.snapshot.outcomes.map(\.collector) == [SlowCollector.name, QuickCollector.name])
    #expect(scrape.snapshot.found(SlowCollector.self) && scrape.snapshot.found(QuickCollector.self))
  }

  @Test("clients with different deadlines share one collection, and what they make of it is made once")
  func shared() {
    let desk = Desk()
    desk.slow.close()
    let scrapes = (0..<39).map { desk.ask(within: .seconds(10 + 2 * $0)) }
    desk.slow.waitForEntry()
    desk.slow.open()
    #expect(scrapes.allSatisfy { $0.snapshot.problems.isEmpty })
    #expect(desk.slow.asked == 1 && desk.quick.asked == 1 && desk.made == 1)
  }

  @Test("reading is told to stop when the last who waits has to answer, whoever asked first")
  func unequal() {
    let alone = Desk()
    alone.slow.close()
    _ = alone.ask(within: .zero)
    alone.slow.waitForEntry()
    alone.slow.open()
    alone.threads.waitForEnd()
    #expect(alone.slow.hadPassed == [true])

    let desk = Desk()
    desk.slow.close()
    let short = desk.ask(within: .zero)
    let long = desk.ask(within: .seconds(60))
    desk.slow.waitForEntry()
    desk.giveUp(short)
    #expect(short.snapshot.problems.first == Self.late)
    desk.slow.open()
    #expect(long.snapshot.problems.isEmpty)
    #expect(desk.slow.hadPassed == [false] && desk.slow.asked == 1)
  }

  @Test("a collection that has gone on for long is not joined, so that what it read first is not shown as new")
  func stale() {
    let desk = Desk()
    desk.slow.close()
    let first = desk.ask(within: .seconds(60))
    desk.slow.waitForEntry()
    desk.advance(.seconds(5))
    let second = desk.ask(within: .seconds(60))
    desk.slow.open()
    #expect(first.snapshot.problems.isEmpty && second.snapshot.problems.isEmpty)
    #expect(desk.slow.asked == 2 && desk.quick.asked == 2)
  }

  @Test("work that waits, and that nobody waits for any more, is not done")
  func dropped() {
    let desk = Desk()
    desk.slow.close()
    let first = desk.ask(within: .seconds(10))
    desk.slow.waitForEntry()
    let others = (0..<40).map { _ in desk.ask([QuickCollector.name], within: .seconds(1)) }
    for other in others { desk.giveUp(other) }
    #expect(others.allSatisfy { $0.snapshot.problems == ["quick: not read to its end before the scrape's deadline"] })
    desk.giveUp(first)
    desk.slow.open()
    desk.threads.waitForEnd()
    #expect(desk.quick.asked == 0 && desk.slow.asked == 1)
  }

  @Test("sockets wait for the settings, and are counted without them once it is known that these hang")
  func settings() {
    let desk = Desk([GatedSettingsCollector.self, QuickCollector.self])
    desk.settings.close()
    let scrape = desk.ask([QuickCollector.name], within: .seconds(9))
    desk.settings.waitForEntry()
    desk.advance(.seconds(9))
    desk.collections.check()
    desk.giveUp(scrape)
    #expect(scrape.snapshot.problems.count == 2 && desk.quick.asked == 0)
    let next = desk.ask([QuickCollector.name], within: .seconds(9))
    #expect(next.snapshot.problems == ["settings: hangs in an earlier scrape, and is not asked again before it has returned"])
    #expect(next.snapshot.found(QuickCollector.self))
    desk.settings.open()
  }

  @Test("several collectors may hang, each with one thread")
  func several() {
    let desk = Desk()
    desk.slow.close()
    desk.quick.close()
    let scrape = desk.ask(within: .seconds(9))
    desk.slow.waitForEntry()
    desk.advance(.seconds(1))
    desk.collections.check()
    desk.quick.waitForEntry()
    desk.advance(.seconds(8))
    desk.giveUp(scrape)
    for _ in 0..<20 { #expect(desk.ask(within: .seconds(10)).snapshot.problems.count == 2) }
    #expect(desk.collections.hanging.count == 2)
    #expect(desk.threads.running == 2)
    desk.slow.open()
    desk.quick.open()
    desk.threads.waitForEnd()
    desk.threads.waitForEnd()
    #expect(desk.ask(within: .seconds(10)).snapshot.problems.isEmpty)
  }

  /// Collections with the real clock and timers.
  private static func collections(_ root: String) -> SharedCollections<PoolSnapshot> {
    let list = CollectorList([SlowCollector.self, QuickCollector.self])
    let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(root: root)), collectors: list)
    return SharedCollections(scraper) { Thread.detachNewThread($0) }
  }

  @Test("an answer comes at its deadline by itself")
  func deadlineByItself() async {
    let root = "/nonexistent/\(UUID().uuidString)"
    let gate = Gate.of(SlowCollector.name, root)
    gate.close()
    let begin = ContinuousClock.now
    let snapshot = await Self.collections(root).answer([SlowCollector.name], until: begin + .milliseconds(300)) { $0 }
    #expect(ContinuousClock.now - begin >= .milliseconds(300))
    #expect(snapshot.problems == [Self.late])
    gate.open()
  }

  @Test("a collector that takes long is gone past by itself, however far the deadline is")
  func goesOnByItself() async throws {
    let root = "/nonexistent/\(UUID().uuidString)"
    let (slow, quick) = (Gate.of(SlowCollector.name, root), Gate.of(QuickCollector.name, root))
    slow.close()
    quick.close()
    let collections = Self.collections(root)
    async let answer = collections.answer(Desk.both, until: .now + .seconds(3600)) { $0 }
    try await DetachedThread.run {
      slow.waitForEntry()
      quick.waitForEntry()
    }
    quick.open()
    slow.open()
    let snapshot = await answer
    #expect(snapshot.problems.isEmpty && snapshot.found(SlowCollector.self) && snapshot.found(QuickCollector.self))
  }
}

/// Shared collections with a clock that stands still until a test moves it, and threads that are counted.
private final class Desk: Sendable {
  static let both: Set<CollectorName> = [SlowCollector.name, QuickCollector.name]

  let slow: Gate
  let quick: Gate
  let settings: Gate
  let threads = CountedThreads()
  let collections: SharedCollections<PoolSnapshot>
  private let clock = StandingClock()
  private let making = Making()

  init(_ types: [any Collector.Type] = [SlowCollector.self, QuickCollector.self]) {
    let root = "/nonexistent/\(UUID().uuidString)"
    (slow, quick, settings) = (.of(SlowCollector.name, root), .of(QuickCollector.name, root), .of(.settings, root))
    let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(root: root)), collectors: CollectorList(types))
    let (clock, threads) = (clock, threads)
    collections = SharedCollections(scraper, now: { clock.now }) { threads.start($0) }
  }

  /// How many answers were made, for however many.
  var made: Int { making.count }

  func advance(_ duration: Duration) { clock.advance(duration) }

  func ask(_ chosen: Set<CollectorName> = both, within limit: Duration) -> Scrape {
    let reply = Reply()
    let making = making
    let number = collections.ask(chosen, until: clock.now + limit) {
      making.note($0)
    } reply: {
      reply.come($0)
    }
    return Scrape(number: number, reply: reply)
  }

  func giveUp(_ scrape: Scrape) { collections.giveUp(scrape.number) }

  /// Lets the slow collector hang in a scrape that ended after nine seconds.
  func hang() {
    slow.close()
    let scrape = ask(within: .seconds(9))
    slow.waitForEntry()
    advance(.seconds(9))
    collections.check()
    threads.waitForEnd()
    giveUp(scrape)
  }
}

private struct Scrape: Sendable {
  let number: Int
  let reply: Reply

  var isAnswered: Bool { reply.isThere }
  /// Waits for the answer.
  var snapshot: PoolSnapshot { reply.wait() }
}

private final class Reply: Sendable {
  private let snapshot = Mutex<PoolSnapshot?>(nil)
  private let isComing = DispatchSemaphore(value: 0)

  var isThere: Bool { snapshot.withLock { $0 != nil } }

  func come(_ answer: PoolSnapshot) {
    snapshot.withLock { snapshot in
      #expect(snapshot == nil, "two answers to one who asked")
      snapshot = answer
    }
    isComing.signal()
  }

  func wait() -> PoolSnapshot {
    isComing.wait()
    isComing.signal()
    return snapshot.withLock { $0 } ?? PoolSnapshot(time: 0, namespaces: [])
  }
}

private final class Making: Sendable {
  private let counted = Mutex(0)
  var count: Int { counted.withLock { $0 } }
  func note(_ snapshot: PoolSnapshot) -> PoolSnapshot {
    counted.withLock { $0 += 1 }
    return snapshot
  }
}

private final class StandingClock: Sendable {
  private let instant = Mutex(ContinuousClock.now)
  var now: ContinuousClock.Instant { instant.withLock { $0 } }
  func advance(_ duration: Duration) { instant.withLock { $0 += duration } }
}

private final class CountedThreads: Sendable {
  private let counts = Mutex((started: 0, ended: 0))
  private let end = DispatchSemaphore(value: 0)

  var started: Int { counts.withLock { $0.started } }
  var running: Int { counts.withLock { $0.started - $0.ended } }

  func start(_ body: @escaping @Sendable () -> Void) {
    counts.withLock { $0.started += 1 }
    Thread.detachNewThread { [self] in
      body()
      counts.withLock { $0.ended += 1 }
      end.signal()
    }
  }

  /// Waits for the end of one more thread.
  func waitForEnd() { end.wait() }
}

extension PoolSnapshot {
  fileprivate func found<Finder>(_ finder: Finder.Type) -> Bool { own?[Found<Finder>.self] != nil }
}
