internal import Kernel
internal import Logging
internal import Metrics
internal import Scraper
internal import ServiceLifecycle

/// Looks at the fullest tuple at a fixed interval between scrapes: `--sampler.interval`.
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
    var lastProblem: String?
    try await Beat(interval: interval, startsAtOnce: false).run(take) { problem, missed in
      if problem != lastProblem, let problem { logger.error("sampler failed", metadata: ["error": "\(problem)"]) }
      lastProblem = problem
      if missed > 0 { statistics.noteSkipped(missed) }
    }
  }

  /// What went wrong, if anything did.
  @Sendable
  private func take() -> String? {
    do throws(ReadError) {
      statistics.note(try scraper.sample(until: Deadline(.now + .seconds(30))))
      return nil
    } catch {
      return error.description
    }
  }
}
