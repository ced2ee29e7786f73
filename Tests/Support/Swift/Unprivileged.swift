internal import CTestSupport

/// A thread of this process without rights.
package enum Unprivileged {
  /// Makes the calling thread user 65534, without a capability, for good.
  package static func become() throws(SystemCallFailure) {
    guard test_become_nobody() == 0 else { throw SystemCallFailure("setresuid") }
  }

  /// Runs `body` on a thread of its own that is user 65534 and has no capability.
  package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      // Who resumes has all rights still: the pool may need another thread for what comes next, and a thread begins with the rights of the one that asks for it.
      let started = DetachedThread.start {
        let outcome = Mailbox<Result<Value, any Error>>()
        let isStarted = DetachedThread.start {
          outcome.put(
            .init {
              try become()
              return try body()
            })
        }
        continuation.resume(with: isStarted ? outcome.take() : .failure(SystemCallFailure("pthread_create")))
      }
      if !started { continuation.resume(throwing: SystemCallFailure("pthread_create")) }
    }
  }
}
