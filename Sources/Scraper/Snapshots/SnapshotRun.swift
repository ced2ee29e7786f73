internal import Kernel
internal import PortModel

/// What a snapshot is taken with.
struct SnapshotRun {
  let configuration: ScraperConfiguration
  /// All that there are, those that run last at the end.
  let collectors: [any Collector]
  /// The names of those that were asked for.
  let chosen: Set<CollectorName>
  let sources: SourceList
  let deadline: Deadline
  let abilities: KernelAbilities

  /// Whether this collector was asked for.
  func runs(_ collector: any Collector) -> Bool { chosen.contains(type(of: collector).name) }

  /// Lets one collector look at the scraper's own namespace, whose settings are `settings` as far as they are known.
  func collect(_ name: CollectorName, _ settings: NamespaceSettings?) -> Contribution? {
    guard let collector = collectors.first(where: { type(of: $0).name == name }) else { return nil }
    var look = NamespaceLook(configuration.ownView(abilities), self)
    look.view.settings = settings
    let outcome = look.collect(collector)
    return Contribution(outcome: outcome, settings: look.view.settings, found: look.found)
  }
}

extension ScraperConfiguration {
  /// The namespace that the scraper runs in.
  func ownView(_ abilities: KernelAbilities) -> NamespaceView { NamespaceView(proc: proc, isInside: proc.isLive, abilities: abilities) }
}

/// What one collector adds to a snapshot.
struct Contribution: Sendable {
  let outcome: CollectorOutcome
  let settings: NamespaceSettings?
  let found: NamespaceFindings
}

/// A snapshot in the making: what has been collected so far. It goes from thread to thread.
struct SnapshotDraft: Sendable {
  /// Who was asked for.
  let chosen: Set<CollectorName>
  /// The label of the scraper's own namespace: `host`.
  private let namespace: String
  private let namedRanges: [NamedRange]
  private let abilities: KernelAbilities
  /// Who is to be asked, in this order.
  let order: [CollectorName]
  /// When the first of them was asked, in seconds since 1970.
  var time: Int64 = 0
  private(set) var settings: NamespaceSettings?
  private var found = NamespaceFindings()
  private var outcomes: [CollectorName: CollectorOutcome] = [:]

  init(
    _ chosen: Set<CollectorName>, in namespace: String, _ namedRanges: [NamedRange], _ abilities: KernelAbilities, order: [CollectorName]
  ) {
    self.chosen = chosen
    self.namespace = namespace
    self.namedRanges = namedRanges
    self.abilities = abilities
    self.order = order
  }

  mutating func add(_ contribution: Contribution) {
    settings = contribution.settings ?? settings
    found.formUnion(contribution.found)
    outcomes[contribution.outcome.collector] = contribution.outcome
  }

  /// Says why nothing is there of one of them.
  mutating func fail(_ collector: CollectorName, _ problem: String, after duration: Duration) {
    outcomes[collector] = CollectorOutcome(collector: collector, duration: duration / .seconds(1), problem: problem)
  }

  /// Those that there is no outcome of.
  var missing: [CollectorName] { order.filter { outcomes[$0] == nil } }

  /// The snapshot. That the settings are read although nobody asked for them shows only if they cannot be.
  var snapshot: PoolSnapshot {
    let shown = order.compactMap { outcomes[$0] }.filter { chosen.contains($0.collector) || !$0.isSuccess }
    return PoolSnapshot(
      time: time,
      namespaces: [found.snapshot(name: namespace, settings: settings, namedRanges: namedRanges, outcomes: shown)]
        + (found.others?.namespaces ?? []),
      census: found.others?.census, abilities: abilities)
  }
}
