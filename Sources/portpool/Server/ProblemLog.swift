internal import Logging
internal import Scraper
internal import Synchronization

/// Logs a collector's trouble when it begins, changes and ends, not at every scrape.
final class ProblemLog: Sendable {
  private let logger: Logger
  private let known = Mutex<[CollectorName: String]>([:])

  init(logger: Logger) {
    self.logger = logger
  }

  func note(_ snapshot: PoolSnapshot) {
    for outcome in snapshot.namespaces.flatMap(\.outcomes) {
      let before = known.withLock { known in
        let before = known[outcome.collector]
        known[outcome.collector] = outcome.problem
        return before
      }
      guard before != outcome.problem else { continue }
      if let problem = outcome.problem {
        logger.error("collector failed", metadata: ["collector": "\(outcome.collector.rawValue)", "error": "\(problem)"])
      } else {
        logger.info("collector works again", metadata: ["collector": "\(outcome.collector.rawValue)"])
      }
    }
  }
}
