/// How one collector fared in one scrape.
package struct CollectorOutcome: Sendable, Hashable {
  package let collector: CollectorName
  /// Where the collector's sockets came from; `nil` when it reads none, or failed.
  package let source: SourceName?
  /// Wall time in seconds.
  package let duration: Double
  /// One sentence that names the file, the place and what was found; `nil` when all went well.
  package let problem: String?

  package init(collector: CollectorName, source: SourceName? = nil, duration: Double, problem: String? = nil) {
    self.collector = collector
    self.source = source
    self.duration = duration
    self.problem = problem
  }

  package var isSuccess: Bool { problem == nil }
}
