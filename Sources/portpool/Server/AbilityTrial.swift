internal import Kernel
internal import Logging
internal import PortModel
internal import Scraper
internal import Terminal

/// Finds out what the kernel can do.
enum AbilityTrial {
  /// What takes time is tried on a thread of its own while the server is already answering. Without a thread it stays unknown.
  static func start(_ scraper: PoolScraper, _ logger: Logger) {
    scraper.findAbilities()
    try? DetachedThread.start {
      scraper.tryAbilities()
      let found = scraper.abilities.all.map { ($0.ability.rawValue, Logger.MetadataValue.string($0.isPresent ? "yes" : "no")) }
      logger.debug("what the kernel can do", metadata: Logger.Metadata(found) { first, _ in first })
    }
  }
}
