internal import Synchronization

/// Work that is repeated while a test runs, on a thread of its own in the namespace of the thread that started it.
package final class Repetition: Sendable {
  private let isOver = Atomic<Bool>(false)
  private let outcome = Mailbox<Result<Int, any Error>>()

  /// Begins to call `body`. The first error ends it.
  package init(_ body: @escaping @Sendable () throws -> Void) throws(SystemCallFailure) {
    let started = DetachedThread.start { [self] in
      outcome.put(
        Result {
          var count = 0
          while !isOver.load(ordering: .acquiring) {
            try body()
            count += 1
          }
          return count
        })
    }
    if !started { throw SystemCallFailure("pthread_create") }
  }

  /// Ends it, and says how often `body` came to its end.
  ///
  /// - Throws: what `body` threw.
  package func end() throws -> Int {
    isOver.store(true, ordering: .releasing)
    return try outcome.take().get()
  }
}
