internal import Metrics
internal import Endpoint
internal import Exposition
internal import Kernel
internal import Logging
internal import PortModel
internal import Push
internal import Scraper
internal import Synchronization

/// What the server shows: each answer is made from a snapshot of its own, taken on the scrape queue.
final class ServedContent: Sendable {
  private let scraper: PoolScraper
  private let metrics: PoolMetrics
  private let enabled: Set<CollectorName>
  private let includesProcess: Bool
  /// What was seen between scrapes; `nil` when nobody looks.
  let peaks: PeakStatistics?
  private let problems: ProblemLog
  private let queue = ScrapeQueue()
  private let ports = Mutex<[Port]>([])
  private let pushStatistics = Mutex<(@Sendable () -> PushStatistics)?>(nil)

  init(
    scraper: PoolScraper, metrics: PoolMetrics, enabled: Set<CollectorName>, includesProcess: Bool, peaks: PeakStatistics?,
    logger: Logger
  ) {
    self.scraper = scraper
    self.metrics = metrics
    self.enabled = enabled
    self.includesProcess = includesProcess
    self.peaks = peaks
    problems = ProblemLog(logger: logger)
  }

  /// The ports the server listens on, once it does.
  func setListenPorts(_ listenPorts: [Port]) { ports.withLock { $0 = listenPorts } }

  /// Whom to ask about pushes, once there are any.
  func setPushStatistics(_ statistics: @escaping @Sendable () -> PushStatistics) { pushStatistics.withLock { $0 = statistics } }

  /// The ports of ours that an outgoing connection could take, now.
  func portsAtRisk(in settings: PoolSettings) -> [Port] { ports.withLock { $0.filter(settings.pool.contains) } }

  func snapshot(_ collectors: Set<CollectorName>? = nil, until deadline: Deadline = .never) async -> PoolSnapshot {
    await queue.run { [self] in
      let snapshot = scraper.snapshot(collectors ?? enabled, until: deadline)
      problems.note(snapshot)
      peaks?.note(snapshot)
      return snapshot
    }
  }

  /// The functions that the server is handed.
  var endpointContent: EndpointContent {
    EndpointContent(
      collectors: CollectorList.standard.names.map { CollectorChoice(name: $0.rawValue, isEnabled: enabled.contains($0)) },
      collect: { [self] request in await collect(request) },
      snapshotJSON: { [self] in try await SnapshotDocument(snapshot()).encoded() },
      page: { [self] in
        let snapshot = await snapshot()
        return PageModel(snapshot, portsAtRisk: snapshot.namespaces.first?.settings.map(portsAtRisk) ?? [])
      })
  }

  private func collect(_ request: CollectionRequest) async -> MetricSet {
    let collectors = Set(request.collectors.compactMap(CollectorName.init(rawValue:)))
    var result = allMetrics(of: await snapshot(collectors, until: Deadline(request.deadline)))
    if let peaks { result.merge(PeakMetrics.metrics(of: peaks.take(), netns: "host")) }
    if includesProcess, let usage = ProcessUsage.current { result.merge(ExporterMetrics.metrics(of: usage)) }
    return result
  }

  /// What a push says: a scrape without `process_*` and without peaks, which are the scraper's to take. Blocks until it is collected.
  func pushedMetrics() -> MetricSet {
    let snapshot = queue.runAndWait { scraper.snapshot(enabled, until: .never) }
    problems.note(snapshot)
    peaks?.note(snapshot)
    return allMetrics(of: snapshot)
  }

  private func allMetrics(of snapshot: PoolSnapshot) -> MetricSet {
    var result = metrics.metrics(of: snapshot)
    result.merge(ExporterMetrics.metrics(of: .current))
    if let settings = snapshot.namespaces.first?.settings {
      result.merge(ExporterMetrics.metrics(isPortAtRisk: !portsAtRisk(in: settings).isEmpty))
    }
    if let statistics = pushStatistics.withLock({ $0 }) { result.merge(PushMetrics.metrics(of: statistics())) }
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
