internal import LiveView
internal import PortModel
internal import Scraper

/// Takes one look; blocks while it takes it.
typealias TopSource = @Sendable () -> Result<LiveSnapshot, LiveFailure>

extension PoolScraper {
  /// Looks at this host.
  func topSource(_ collectors: Set<CollectorName>) -> TopSource {
    { [self] in .success(LiveSnapshot(SnapshotDocument(snapshot(collectors)))) }
  }
}
