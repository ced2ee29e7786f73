/// How one collector fared in one scrape.
package struct CollectorOutcome: Sendable, Hashable {
  package let collector: CollectorName
  /// Where the collector's sockets came from; `nil` when it reads none, or failed.
  package let source: SourceName?
  /// Wall time in seconds.
  package let duration: Double
  /// One sentence that names the file, the place and what was found; `nil` when all went well.
  package let problem: String?
  /// Something worth a log line that is no failure, such as why `/proc` is read although inet_diag was preferred.
  package let remark: String?

  package init(collector: CollectorName, source: SourceName? = nil, duration: Double, problem: String? = nil, remark: String? = nil) {
    self.collector = collector
    self.source = source
    self.duration = duration
    self.problem = problem
    self.remark = remark
  }

  package var isSuccess: Bool { problem == nil }
}
