internal import Kernel
internal import Logging
internal import PortModel
internal import Scraper
internal import Terminal

/// Finds out what the kernel can do while the server is already answering.
enum AbilityTrial {
  /// Runs on a thread of its own, which waits most of its three seconds. Without one, what decides headroom stays unknown and is taken for the lower.
  static func start(_ scraper: PoolScraper, _ logger: Logger) {
    try? DetachedThread.start {
      scraper.findAbilities(isTried: true)
      let found = scraper.abilities.all.map { ($0.ability.rawValue, Logger.MetadataValue.string($0.isPresent ? "yes" : "no")) }
      logger.debug("what the kernel can do", metadata: Logger.Metadata(found) { first, _ in first })
    }
  }
}
