internal import Logging
internal import PortModel
internal import Scraper
internal import Synchronization

/// Logs a collector's failures and remarks when they begin, change and end, not at every scrape.
final class ProblemLog: Sendable {
  private let logger: Logger
  private let problems = Mutex<[CollectorName: String]>([:])
  private let remarks = Mutex<[CollectorName: String]>([:])

  init(logger: Logger) {
    self.logger = logger
  }

  func note(_ snapshot: PoolSnapshot) {
    for outcome in snapshot.outcomes {
      let collector: Logger.MetadataValue = "\(outcome.collector.rawValue)"
      if Self.isNews(outcome.problem, outcome.collector, problems) {
        if let problem = outcome.problem {
          logger.error("collector failed", metadata: ["collector": collector, "error": "\(problem)"])
        } else {
          logger.info("collector works again", metadata: ["collector": collector])
        }
      }
      if Self.isNews(outcome.remark, outcome.collector, remarks), let remark = outcome.remark {
        logger.warning("collector remark", metadata: ["collector": collector, "remark": "\(remark)"])
      }
    }
  }

  private static func isNews(_ text: String?, _ collector: CollectorName, _ known: borrowing Mutex<[CollectorName: String]>) -> Bool {
    known.withLock { known in
      defer { known[collector] = text }
      return known[collector] != text
    }
  }
}
