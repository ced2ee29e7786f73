internal import Endpoint
internal import Exposition
internal import Kernel
internal import Logging
internal import Metrics
internal import PortModel
internal import Scraper
internal import Synchronization

/// What the server shows: each answer is made from a snapshot that was taken for it, and for those who asked at the same time.
final class ServedContent: Sendable {
  private let collections: SharedCollections<ServedSnapshot>
  private let metrics: PoolMetrics
  private let enabled: Set<CollectorName>
  private let includesProcess: Bool
  private let showsPeers: Bool
  private let problems: ProblemLog
  private let ports = Mutex<[Port]>([])
  private let watches = Mutex<[any Watch]>([])

  /// - Parameter showsPeers: whether the addresses and ports of peers are for those who ask.
  init(
    scraper: PoolScraper, metrics: PoolMetrics, enabled: Set<CollectorName>, includesProcess: Bool, showsPeers: Bool, logger: Logger
  ) {
    collections = SharedCollections(scraper)
    self.metrics = metrics
    self.enabled = enabled
    self.includesProcess = includesProcess
    self.showsPeers = showsPeers
    problems = ProblemLog(logger: logger)
  }

  /// The ports the server listens on, once it does.
  func setListenPorts(_ listenPorts: [Port]) { ports.withLock { $0 = listenPorts } }

  /// Shows what `watch` sees, from now on.
  func add(_ watch: some Watch) { watches.withLock { $0.append(watch) } }

  /// Those of our ports that an outgoing connection could take now.
  func portsAtRisk(in settings: PoolSettings) -> [Port] { ports.withLock { $0.filter(settings.pool.contains) } }

  /// A snapshot that is ready within ``SharedCollections/defaultPatience``.
  func snapshot(_ collectors: Set<CollectorName>? = nil) async -> PoolSnapshot { await served(collectors ?? enabled, until: nil).snapshot }

  private func served(_ collectors: Set<CollectorName>, until deadline: ContinuousClock.Instant?) async -> ServedSnapshot {
    await collections.answer(collectors, until: deadline ?? .now + SharedCollections<ServedSnapshot>.defaultPatience, serve)
  }

  /// Tells of a snapshot, and makes the answer of it for all who get it.
  @Sendable
  private func serve(_ snapshot: PoolSnapshot) -> ServedSnapshot {
    problems.note(snapshot)
    for watch in watches.withLock({ $0 }) { watch.note(snapshot) }
    // The page, the JSON and the metrics are all made of what comes from here.
    let snapshot = showsPeers ? snapshot : snapshot.withoutPeers
    return ServedSnapshot(
      snapshot: snapshot,
      metrics: CollectedMetrics { [self] in
        var result = metrics(of: snapshot)
        if includesProcess, let usage = ProcessUsage.current { result.merge(ExporterMetrics.metrics(of: usage)) }
        return result
      })
  }

  /// The functions that the server is handed.
  var endpointContent: EndpointContent {
    var content = EndpointContent(
      collectors: CollectorList.standard.names.map { CollectorChoice(name: $0.rawValue, isEnabled: enabled.contains($0)) },
      collect: { [self] request in await served(Set(request.collectors.map(CollectorName.init)), until: request.deadline).metrics },
      snapshotJSON: { [self] in try await SnapshotDocument(snapshot()).encoded() },
      page: { [self] paths in
        let snapshot = await snapshot()
        return .statusPage(of: snapshot, portsAtRisk: snapshot.namespaces.first?.settings.map(portsAtRisk) ?? [], paths: paths)
      })
    content.hindrance = { [self] in hindrance }
    return content
  }

  /// The collectors that hang: `tcp has hung for 35 s, udp for 20 s`.
  private var hindrance: Hindrance? {
    let hanging = collections.hanging.sorted { $0.key.rawValue < $1.key.rawValue }
    guard let first = hanging.first else { return nil }
    let others = hanging.dropFirst().map { ", \($0.key.rawValue) for \($0.value.components.seconds) s" }.joined()
    return Hindrance(
      reason: "\(first.key.rawValue) has hung for \(first.value.components.seconds) s\(others)",
      isTotal: enabled.isSubset(of: hanging.map(\.key)))
  }

  /// What a push says: a scrape without `process_*`. Blocks until it is collected.
  func pushedMetrics() -> MetricSet {
    metrics(of: collections.waitForAnswer(enabled, serve).snapshot)
  }

  private func metrics(of snapshot: PoolSnapshot) -> MetricSet {
    var result = metrics.metrics(of: snapshot)
    result.merge(ExporterMetrics.metrics(of: .current))
    if let settings = snapshot.own?.settings {
      result.merge(ExporterMetrics.metrics(isPortAtRisk: !portsAtRisk(in: settings).isEmpty))
    }
    for watch in watches.withLock({ $0 }) { result.merge(watch.metrics()) }
    return result
  }
}

/// A snapshot, and its metrics, which are made if someone wants them.
private struct ServedSnapshot: Sendable {
  let snapshot: PoolSnapshot
  let metrics: CollectedMetrics
}

extension ExporterMetrics {
  /// `portpool_build_info`.
  static func metrics(of build: BuildInfo) -> MetricSet {
    metrics(
      version: build.version, revision: build.revision, swiftVersion: build.swiftVersion, operatingSystem: build.operatingSystem,
      architecture: build.architecture)
  }
}
