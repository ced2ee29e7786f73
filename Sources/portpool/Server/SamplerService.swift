internal import Kernel
internal import Logging
internal import Scraper
internal import ServiceLifecycle

/// Looks at the fullest tuple at a fixed beat between scrapes: `--sampler.interval`.
struct SamplerService: Service {
  let scraper: PoolScraper
  let statistics: PeakStatistics
  let interval: Duration
  let logger: Logger

  func run() async throws {
    // Ends by cancellation, which is no failure.
    try? await cancelWhenGracefulShutdown { try await beat() }
  }

  private func beat() async throws {
    let queue = ScrapeQueue()
    let clock = ContinuousClock()
    var next = clock.now
    var lastProblem: String?
    while true {
      next += interval
      try await clock.sleep(until: next)
      let problem = await queue.run { take() }
      if problem != lastProblem, let problem { logger.error("sampler failed", metadata: ["error": "\(problem)"]) }
      lastProblem = problem
      // A walk that took longer than the interval: the beats it covered are left out, not made up for.
      let missed = Int((clock.now - next) / interval)
      if missed > 0 {
        statistics.noteSkipped(missed)
        next += interval * missed
      }
    }
  }

  /// What went wrong, if anything did.
  private func take() -> String? {
    do throws(ReadError) {
      statistics.note(try scraper.sample(until: Deadline(.now + .seconds(30))))
      return nil
    } catch {
      return error.description
    }
  }
}
