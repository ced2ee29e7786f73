internal import LiveView
internal import Scraper

/// Takes one look; blocks while it takes it.
typealias TopSource = @Sendable () -> Result<LiveSnapshot, LiveFailure>

extension PoolScraper {
  /// Looks at this host.
  var topSource: TopSource {
    { [self] in .success(LiveSnapshot(SnapshotDocument(snapshot()))) }
  }
}
