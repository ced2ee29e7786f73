internal import CTestSupport
internal import Glibc

/// A POSIX thread of its own: a namespace belongs to a thread, and must never stick to one of Swift's pool.
package enum DetachedThread {
  /// Runs `body` on a new thread. Returns `false` when there is none to be had.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let context = unsafe Unmanaged.passRetained(Body(body))
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        if let argument = unsafe argument { unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, context.toOpaque())
    if result != 0 { unsafe context.release() }
    return result == 0
  }

  /// What `body` gives on a new thread, which may change what threads inherit: its namespace, or its rights. Whoever waits is resumed by another thread that
  /// has not: the pool may need a new thread for what comes next, and that one begins as the one that asks for it.
  package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let started = start {
        let outcome = Mailbox<Result<Value, any Error>>()
        let isStarted = start { outcome.put(.init { try body() }) }
        continuation.resume(with: isStarted ? outcome.take() : .failure(SystemCallFailure("pthread_create")))
      }
      if !started { continuation.resume(throwing: SystemCallFailure("pthread_create")) }
    }
  }

  /// Lets the calling thread run on one processor only, the same for every thread that may run on the same. The corresponding C function is
  /// `sched_setaffinity`.
  package static func stayOnOneProcessor() throws(SystemCallFailure) {
    guard test_stay_on_one_processor() == 0 else { throw SystemCallFailure("sched_setaffinity") }
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
