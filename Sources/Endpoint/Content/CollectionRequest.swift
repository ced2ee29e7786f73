/// What a scrape asks the program for.
package struct CollectionRequest: Sendable, Hashable {
  /// The collectors to run: enabled ones only, in the order of ``EndpointContent/collectors``.
  package let collectors: [String]
  /// When the answer must be on its way, with whatever is ready then; `nil` when the client set no time-out.
  package let deadline: ContinuousClock.Instant?

  /// A request for these collectors.
  package init(collectors: [String], deadline: ContinuousClock.Instant?) {
    self.collectors = collectors
    self.deadline = deadline
  }
}
