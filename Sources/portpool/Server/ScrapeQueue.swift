internal import Dispatch

/// Runs what may wait for the kernel on one thread of its own, never on an event loop or in the pool of Swift concurrency.
struct ScrapeQueue: Sendable {
  private let queue = DispatchQueue(label: "portpool.scrape")

  /// Runs `body` when what was asked before is done.
  func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: body()) }
    }
  }

  /// Runs `body` when what was asked before is done, and blocks the calling thread until then.
  func runAndWait<Value>(_ body: () -> Value) -> Value { queue.sync(execute: body) }
}
