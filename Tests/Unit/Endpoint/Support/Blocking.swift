import Foundation

/// Runs blocking work on a thread of its own, so that the server under test keeps the threads of the concurrency pool.
func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread {
      continuation.resume(with: Result(catching: work))
    }
  }
}

/// Waits until a condition holds; `false` after `seconds` without it.
func eventually(_ seconds: Double = 60, _ condition: @Sendable () async -> Bool) async -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  while ContinuousClock.now < end {
    if await condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return await condition()
}
