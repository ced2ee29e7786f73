internal import CTestSupport
internal import Glibc
package import Testing

/// A thread of this process without rights.
package enum Unprivileged {
  /// Makes the calling thread user 65534, without a capability, for good.
  package static func become() throws(SystemCallFailure) {
    guard test_become_nobody() == 0 else { throw SystemCallFailure("setresuid") }
  }

  /// Runs `body` on a thread of its own that is user 65534 and has no capability.
  package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await DetachedThread.run {
      try become()
      return try body()
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test, and says why, where a thread cannot become another user.
  package static var rightsToDrop: Self { .enabled(if: getuid() == 0, "needs root: becoming another user") }
}
