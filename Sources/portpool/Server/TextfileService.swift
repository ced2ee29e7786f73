internal import Kernel
internal import PortModel
internal import ServiceLifecycle
internal import Terminal

/// Rewrites a file at a fixed interval: `snapshot --output FILE --interval 15s`. Says when that begins to fail and when it works again.
struct TextfileService: Service {
  let interval: Duration
  /// Writes once; returns what went wrong.
  let write: @Sendable () -> [String]

  func run() async throws {
    // Ends by cancellation, which is no failure.
    try? await cancelWhenGracefulShutdown { try await beat() }
  }

  private func beat() async throws {
    var lastProblems: [String] = []
    try await Beat(interval: interval, startsAtOnce: true).run(write) { problems, _ in
      if problems != lastProblems {
        for problem in problems { Message.write(problem) }
        if problems.isEmpty { Message.write("works again") }
      }
      lastProblems = problems
    }
  }
}
