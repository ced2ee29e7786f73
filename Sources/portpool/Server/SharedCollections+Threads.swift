internal import Dispatch
internal import PortModel
internal import Scraper
internal import Synchronization

/// Threads for what may wait for the kernel, never those of an event loop or of Swift concurrency.
enum BlockingThread {
  /// Runs `body` on a thread that nothing else waits for.
  static func start(_ body: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "portpool.collection").async(execute: body)
  }
}

extension SharedCollections {
  /// How long to wait for whoever does not say how long that may be: as long as Prometheus does by default.
  static var defaultPatience: Duration { .seconds(10) }

  /// Collections of this program.
  convenience init(_ scraper: PoolScraper) {
    self.init(scraper, startThread: BlockingThread.start)
  }

  /// Blocks the calling thread, which must not be one of Swift concurrency, until there is an answer: for ``defaultPatience`` at most.
  func waitForAnswer(_ chosen: Set<CollectorName>, _ make: @escaping @Sendable (PoolSnapshot) -> Answer) -> Answer {
    let (answer, isThere) = (Shared<Answer?>(nil), DispatchSemaphore(value: 0))
    Task {
      answer.value = await self.answer(chosen, until: .now + Self.defaultPatience, make)
      isThere.signal()
    }
    while true {
      isThere.wait()
      if let answer = answer.value { return answer }
    }
  }
}

/// A value that one thread leaves for another.
private final class Shared<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  init(_ value: Value) { storage = Mutex(value) }

  var value: Value {
    get { storage.withLock { $0 } }
    set { storage.withLock { $0 = newValue } }
  }
}
