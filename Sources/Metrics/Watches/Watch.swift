package import Exposition
package import PortModel

/// Something that lives between scrapes and says what it saw when it is asked: peaks, pushes. Asking changes nothing, because any number of
/// servers may scrape, and a push asks as well.
package protocol Watch: Sendable {
  /// A snapshot was taken, which may be news to the watch.
  func note(_ snapshot: PoolSnapshot)
  /// What was seen.
  func metrics() -> MetricSet
}

extension Watch {
  package func note(_ snapshot: PoolSnapshot) {}
}
