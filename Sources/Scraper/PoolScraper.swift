package import Kernel
package import PortModel
internal import Synchronization

/// Takes snapshots of a namespace's pools. Every command and every scrape goes through it.
///
/// Blocking: call it on a thread that may wait. One snapshot is taken at a time; the tables that it counts in are kept for the next one.
package final class PoolScraper: Sendable {
  let configuration: ScraperConfiguration
  private let state: Mutex<State>
  private let found: Mutex<KernelAbilities>

  /// - Parameters:
  ///   - collectors: what can be collected.
  ///   - sources: where sockets are counted, the best first; those of `configuration` by default.
  ///   - abilities: what is known of the kernel already.
  package init(
    _ configuration: ScraperConfiguration, collectors: CollectorList = .standard, sources: sending [any SocketSource]? = nil,
    abilities: KernelAbilities = KernelAbilities()
  ) {
    self.configuration = configuration
    found = Mutex(abilities)
    let list = sources.map { SourceList($0, configuration) } ?? configuration.source.sources(configuration)
    state = Mutex(State(collectors.make(configuration), list))
  }

  /// Reads what `chosen` names, as far as it can be read until `deadline`. A collector that fails says so in its outcome and fails alone.
  package func snapshot(_ chosen: Set<CollectorName> = CollectorName.defaults, until deadline: Deadline = .never) -> PoolSnapshot {
    state.withLock { state in
      let time = WallClock.seconds
      let run = SnapshotRun(
        configuration: configuration, collectors: state.collectors, chosen: chosen, sources: state.sources, deadline: deadline,
        abilities: abilities)
      run.sources.beginSnapshot()
      for collector in run.collectors { collector.beginSnapshot() }
      var look = NamespaceLook(ownView, run)
      var outcomes: [CollectorOutcome] = []
      for collector in run.collectors {
        // Without settings the sockets mean nothing, so that they are read whether they were asked for or not.
        let isNeeded = type(of: collector).name == .settings
        guard run.runs(collector) || isNeeded else { continue }
        let outcome = look.collect(collector)
        if run.runs(collector) || !outcome.isSuccess { outcomes.append(outcome) }
      }
      return PoolSnapshot(
        time: time, namespaces: [look.snapshot(name: "host", outcomes: outcomes)] + (look.others?.namespaces ?? []),
        census: look.others?.census, abilities: abilities)
    }
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

  /// Looks for the fullest tuple between scrapes, as cheaply as can be. Blocking.
  ///
  /// While the kernel's own count of sockets shows that no tuple can be past the first bucket, the table is not walked.
  package func sample(until deadline: Deadline = .never) throws(ReadError) -> PeakSample {
    let settings = try PoolSettings(reading: configuration.proc)
    let totals = try SocketTotals(reading: configuration.proc)
    // Sockets that are bound and nothing more take ports from every tuple, and are not among the TCP sockets that the kernel counts.
    let capacity = settings.capacity - Int(clamping: totals.holders - totals.tcp - totals.udp)
    let share = capacity > 0 ? Double(totals.tcp) / Double(capacity) : 1
    if share <= PeakReading.upperBounds[0] { return .calm(shareAtMost: share) }
    var view = ownView
    view.settings = NamespaceSettings(pool: settings)
    let result = state.withLockIfAvailable { state in
      Result { () throws(ReadError) in try state.sources.fullestTuple(view, until: deadline).value }
    }
    guard let fullest = try result?.get() else { return .busy }
    return .walked(used: fullest.used, capacity: fullest.capacity)
  }

  private var ownView: NamespaceView {
    NamespaceView(proc: configuration.proc, isInside: configuration.proc.isLive, abilities: abilities)
  }
}

/// What is kept between snapshots.
private struct State: ~Copyable {
  /// Those that run last at the end.
  let collectors: [any Collector]
  let sources: SourceList

  init(_ collectors: [any Collector], _ sources: SourceList) {
    self.collectors = collectors.filter { type(of: $0).reach != .host } + collectors.filter { type(of: $0).reach == .host }
    self.sources = sources
  }
}
