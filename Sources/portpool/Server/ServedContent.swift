internal import Endpoint
internal import Exposition
internal import Kernel
internal import Logging
internal import Metrics
internal import PortModel
internal import Scraper
internal import Synchronization

/// What the server shows: each answer is made from a snapshot of its own, taken on the scrape queue.
final class ServedContent: Sendable {
  private let scraper: PoolScraper
  private let metrics: PoolMetrics
  private let enabled: Set<CollectorName>
  private let includesProcess: Bool
  private let problems: ProblemLog
  private let queue = ScrapeQueue()
  private let ports = Mutex<[Port]>([])
  private let watches = Mutex<[any Watch]>([])

  init(scraper: PoolScraper, metrics: PoolMetrics, enabled: Set<CollectorName>, includesProcess: Bool, logger: Logger) {
    self.scraper = scraper
    self.metrics = metrics
    self.enabled = enabled
    self.includesProcess = includesProcess
    problems = ProblemLog(logger: logger)
  }

  /// The ports the server listens on, once it does.
  func setListenPorts(_ listenPorts: [Port]) { ports.withLock { $0 = listenPorts } }

  /// Shows what `watch` sees, from now on.
  func add(_ watch: some Watch) { watches.withLock { $0.append(watch) } }

  /// Those of our ports that an outgoing connection could take now.
  func portsAtRisk(in settings: PoolSettings) -> [Port] { ports.withLock { $0.filter(settings.pool.contains) } }

  func snapshot(_ collectors: Set<CollectorName>? = nil, until deadline: Deadline = .never) async -> PoolSnapshot {
    await queue.run { [self] in take(collectors ?? enabled, until: deadline) }
  }

  /// Takes a snapshot, on the scrape queue, and tells of it.
  private func take(_ collectors: Set<CollectorName>, until deadline: Deadline) -> PoolSnapshot {
    let snapshot = scraper.snapshot(collectors, until: deadline)
    problems.note(snapshot)
    for watch in watches.withLock({ $0 }) { watch.note(snapshot) }
    return snapshot
  }

  /// The functions that the server is handed.
  var endpointContent: EndpointContent {
    EndpointContent(
      collectors: CollectorList.standard.names.map { CollectorChoice(name: $0.rawValue, isEnabled: enabled.contains($0)) },
      collect: { [self] request in await collect(request) },
      snapshotJSON: { [self] in try await SnapshotDocument(snapshot()).encoded() },
      page: { [self] paths in
        let snapshot = await snapshot()
        return .statusPage(of: snapshot, portsAtRisk: snapshot.namespaces.first?.settings.map(portsAtRisk) ?? [], paths: paths)
      })
  }

  private func collect(_ request: CollectionRequest) async -> MetricSet {
    let collectors = Set(request.collectors.map(CollectorName.init))
    var result = metrics(of: await snapshot(collectors, until: Deadline(request.deadline)))
    if includesProcess, let usage = ProcessUsage.current { result.merge(ExporterMetrics.metrics(of: usage)) }
    return result
  }

  /// What a push says: a scrape without `process_*`. Blocks until it is collected.
  func pushedMetrics() -> MetricSet {
    metrics(of: queue.runAndWait { take(enabled, until: .never) })
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

extension ExporterMetrics {
  /// `portpool_build_info`.
  static func metrics(of build: BuildInfo) -> MetricSet {
    metrics(
      version: build.version, revision: build.revision, swiftVersion: build.swiftVersion, operatingSystem: build.operatingSystem,
      architecture: build.architecture)
  }
}
