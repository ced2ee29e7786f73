/// The moment at which a scrape has to answer with what it has.
package struct Deadline: Sendable, Hashable {
  /// `nil` for no deadline.
  package let instant: ContinuousClock.Instant?

  package init(_ instant: ContinuousClock.Instant?) {
    self.instant = instant
  }

  package static let never = Deadline(nil)

  package var hasPassed: Bool { instant.map { ContinuousClock.now >= $0 } ?? false }
}
