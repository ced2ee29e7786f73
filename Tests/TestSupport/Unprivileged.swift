import CTestSupport
import Foundation
import TestSupport

/// A thread of this process without rights.
enum Unprivileged {
  /// Runs `body` on a thread of its own that is user 65534 and has no capability.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread {
        continuation.resume(
          with: .init {
            guard test_become_nobody() == 0 else { throw SystemCallFailure("setresuid") }
            return try body()
          })
      }.start()
    }
  }
}
