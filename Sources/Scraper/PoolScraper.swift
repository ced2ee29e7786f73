package import Kernel
package import PortModel
internal import Synchronization

/// Takes snapshots of a namespace's pools. Every command and every scrape goes through it.
///
/// Blocking: call it on a thread that may wait. The tables that are counted in are kept for the next snapshot.
package final class PoolScraper: Sendable {
  let configuration: ScraperConfiguration
  private let collectors: CollectorList
  private let namespace: String
  /// What nobody collects with at the moment.
  private let idle: Mutex<CollectionKit?>
  private let found: Mutex<KernelAbilities>

  /// - Parameters:
  ///   - collectors: what can be collected.
  ///   - sources: where sockets are counted, the best first; those of `configuration` by default, and for a thread that collects while another
  ///     one hangs.
  ///   - abilities: what is known of the kernel already.
  package init(
    _ configuration: ScraperConfiguration, collectors: CollectorList = .standard, sources: sending [any SocketSource]? = nil,
    abilities: KernelAbilities = KernelAbilities()
  ) {
    self.configuration = configuration
    self.collectors = collectors
    namespace = OwnNamespace.label(configuration.proc)
    found = Mutex(abilities)
    let list = sources.map { SourceList($0, configuration) } ?? configuration.source.sources(configuration)
    idle = Mutex(CollectionKit(configuration, collectors, list, isSpare: false))
  }

  /// Reads what `chosen` names, as far as it can be read until `deadline`. A collector that fails says so in its outcome and fails alone.
  package func snapshot(_ chosen: Set<CollectorName> = CollectorName.defaults, until deadline: Deadline = .never) -> PoolSnapshot {
    withKit { kit in
      var draft = draft(chosen)
      draft.time = WallClock.seconds
      let run = kit.begin(chosen, until: deadline, knowing: abilities)
      for name in draft.order {
        if let contribution = run.collect(name, draft.settings) { draft.add(contribution) }
      }
      return draft.snapshot
    }
  }

  /// A snapshot of `chosen` in which nothing is yet. Without settings the sockets mean nothing, so that they are read whether they were asked
  /// for or not.
  func draft(_ chosen: Set<CollectorName>) -> SnapshotDraft {
    let types = collectors.types.filter { chosen.contains($0.name) || $0.name == .settings }
    let order = types.filter { $0.reach != .host } + types.filter { $0.reach == .host }
    return SnapshotDraft(chosen, in: namespace, configuration.namedRanges, abilities, order: order.map { $0.name })
  }

  /// What was found out about the kernel so far.
  package var abilities: KernelAbilities { found.withLock { $0 } }

  /// Finds out what the kernel can do that decides a number. Once is enough: it is the kernel's, whatever the namespace. Blocking, for milliseconds.
  ///
  /// What is not known is taken for what gives the lower headroom.
  package func findAbilities() {
    let abilities = KernelAbilities(of: configuration.proc)
    found.withLock { $0 = abilities }
  }

  /// Adds what only connections of our own show. Blocking, for up to three seconds.
  package func tryAbilities() {
    var abilities = self.abilities
    abilities.tryReuse(configuration.proc)
    found.withLock { $0 = abilities }
  }

  /// Lends `body` what to collect with. The kit comes back when `body` ends, and a spare one is made for whoever cannot wait for that.
  func withKit<Result: Sendable>(_ body: (inout CollectionTools) -> Result) -> Result {
    let kit = idle.withLock { $0.take() } ?? spareKit()
    defer { giveBack(kit) }
    return kit.use(body)
  }

  private func giveBack(_ kit: CollectionKit) {
    idle.withLock { idle in
      if idle == nil || !kit.isSpare { idle = kit }
    }
  }

  private func spareKit() -> CollectionKit {
    var configuration = configuration
    // The first kit may keep open what this process can spare.
    configuration.namespaces.keepsSettingsOpen = false
    return CollectionKit(configuration, collectors, configuration.source.sources(configuration), isSpare: true)
  }

  /// Looks for the fullest tuple between scrapes, as cheaply as can be. Blocking.
  ///
  /// While the kernel's own count of sockets shows that no tuple can be past the first bucket, the table is not walked.
  package func sample(until deadline: Deadline = .never) throws(ReadError) -> PeakSample {
    let settings = try PoolSettings(reading: configuration.proc)
    // Where the kernel keeps no count, nothing proves the pool calm.
    if let totals = try SocketTotals(reading: configuration.proc) {
      // Sockets that are bound and nothing more take ports from every tuple, and are not among the TCP sockets that the kernel counts.
      let capacity = settings.capacity - Int(clamping: totals.holders - totals.tcp - totals.udp)
      let share = capacity > 0 ? Double(totals.tcp) / Double(capacity) : 1
      if share <= PeakReading.upperBounds[0] { return .calm(shareAtMost: share) }
    }
    guard let kit = idle.withLock({ $0.take() }) else { return .busy }
    defer { giveBack(kit) }
    var view = configuration.ownView(abilities)
    view.settings = NamespaceSettings(pool: settings)
    let fullest = try kit.use { tools in
      Result { () throws(ReadError) in try tools.sources.fullestTuple(view, until: deadline).value }
    }.get()
    return .walked(used: fullest.used, capacity: fullest.capacity)
  }
}

/// What one thread collects with, and no other at the same time; a thread that hangs keeps it.
final class CollectionKit: Sendable {
  /// Made because the first one was in use.
  let isSpare: Bool
  private let tools: Mutex<CollectionTools>

  init(_ configuration: ScraperConfiguration, _ collectors: CollectorList, _ sources: sending SourceList, isSpare: Bool) {
    self.isSpare = isSpare
    tools = Mutex(CollectionTools(configuration, collectors.make(configuration), sources))
  }

  func use<Result: Sendable>(_ body: (inout CollectionTools) -> Result) -> Result { tools.withLock { body(&$0) } }
}

/// Collectors and sources, with what they keep between snapshots.
struct CollectionTools: ~Copyable {
  private let configuration: ScraperConfiguration
  private let collectors: [any Collector]
  let sources: SourceList

  init(_ configuration: ScraperConfiguration, _ collectors: [any Collector], _ sources: SourceList) {
    self.configuration = configuration
    self.collectors = collectors
    self.sources = sources
  }

  /// Begins a snapshot.
  func begin(_ chosen: Set<CollectorName>, until deadline: Deadline, knowing abilities: KernelAbilities) -> SnapshotRun {
    sources.beginSnapshot(of: chosen)
    for collector in collectors { collector.beginSnapshot() }
    return SnapshotRun(
      configuration: configuration, collectors: collectors, chosen: chosen, sources: sources, deadline: deadline, abilities: abilities)
  }
}
