internal import Kernel
internal import ServiceLifecycle

/// Writes a file anew at a fixed beat: `snapshot --output FILE --interval 15s`. Says when that begins to fail and when it works again.
struct TextfileService: Service {
  let interval: Duration
  /// Writes once; gives what went wrong.
  let write: @Sendable () -> [String]

  func run() async throws {
    // Ends by cancellation, which is no failure.
    try? await cancelWhenGracefulShutdown { try await beat() }
  }

  private func beat() async throws {
    let queue = ScrapeQueue()
    let clock = ContinuousClock()
    var next = clock.now
    var lastProblems: [String] = []
    while true {
      let problems = await queue.run(write)
      if problems != lastProblems {
        for problem in problems { StandardError.write("portpool: \(problem)\n") }
        if problems.isEmpty { StandardError.write("portpool: works again\n") }
      }
      lastProblems = problems
      // A beat that took longer than the interval: those it covered are left out, not made up for.
      next += interval * (1 + max(0, Int((clock.now - next) / interval)))
      try await clock.sleep(until: next)
    }
  }
}
