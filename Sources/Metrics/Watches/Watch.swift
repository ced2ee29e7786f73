package import Exposition
package import PortModel

/// Something that lives between scrapes and says what it saw when it is asked: peaks, pushes.
package protocol Watch: Sendable {
  /// Whether pushes have its metrics too. One whose reading ends when it is read belongs to whoever scrapes.
  var isPushed: Bool { get }
  /// A snapshot was taken, which may be news to the watch.
  func note(_ snapshot: PoolSnapshot)
  /// What was seen.
  func metrics() -> MetricSet
}

extension Watch {
  package func note(_ snapshot: PoolSnapshot) {}
}
