internal import ArgumentParser
internal import Endpoint
internal import Inspector
internal import Kernel
internal import Logging
internal import Metrics
internal import PortModel
internal import Push
internal import Scraper
internal import ServiceLifecycle

struct ServeCommand: AsyncParsableCommand, KernelCountingCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the metrics over HTTP (the default).",
    discussion: """
      EXAMPLES
        portpool serve
        portpool serve --web.listen-address 127.0.0.1:10097 --log.format json
        portpool serve --range nodeport=30000-32767 --range postgres=5432
        portpool serve --path.procfs /host/proc     (in a container with --network host)
        portpool serve --push.url http://gateway:9091 --push.grouping instance=web-1
      """
  )

  @OptionGroup(title: "Web") var web: WebOptions
  @OptionGroup(title: "Scraping") var scrape: ScrapeOptions
  @OptionGroup(title: "Collectors") var collectors: CollectorOptions
  @OptionGroup(title: "Peaks") var sampler: SamplerOptions
  @OptionGroup(title: "Series") var topTuples: TopTupleOptions
  @OptionGroup(title: "Push") var push: ServePushOptions
  @OptionGroup(title: "Logging") var log: LogOptions

  func prepareSources() { KernelCounting.begin(scrape, collectors.enabled, log.makeLogger()) }

  func run() async throws {
    let signals = await ServerSignals()
    try scrape.checkProcessFileSystem()
    let logger = log.makeLogger()
    let configuration = try web.endpointConfiguration()
    let scraper = PoolScraper(scrape.scraperConfiguration(tupleLimit: 100, looks: nil))
    let content = ServedContent(
      scraper: scraper, metrics: topTuples.poolMetrics, enabled: collectors.enabled,
      includesProcess: !web.disableExporterMetrics, showsPeers: web.showsPeers, logger: logger)
    let endpoint = Endpoint(
      configuration: configuration, content: content.endpointContent, log: EndpointLog(level: log.level.endpointLevel, logger))
    logger.info("starting", metadata: ["version": "\(BuildInfo.current.version)", "revision": "\(BuildInfo.current.revision)"])
    // Elsewhere a remark of the scrape says so, under another name than the host's.
    if ProcFileSystem(root: scrape.procfs).isOfFirstProcess == false {
      logger.info("process 1 is in another network namespace", metadata: ["pool": "this namespace's", "hint": "\(OwnNamespace.remedy)"])
    }
    if !web.systemdSocket, let count = InheritedSockets.count() {
      logger.warning(
        "the service manager passed sockets that are not used", metadata: ["sockets": "\(count)", "remedy": "--web.systemd-socket"])
    }
    if configuration.limits.connections < EndpointLimits().connections {
      logger.warning(
        "the limit of open files (ulimit -n) is low, so fewer connections are served at once",
        metadata: ["connections": "\(configuration.limits.connections)"])
    }
    AbilityTrial.start(scraper, logger)
    content.setListenPorts(try await endpoint.bind().compactMap(\.port).compactMap(Port.init(exactly:)))
    await Self.warnOfPortsAtRisk(content, logger)
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = [.init(service: EndpointService(endpoint: endpoint))]
    if let interval = sampler.interval {
      let peaks = PeakStatistics()
      content.add(peaks)
      services.append(.init(service: SamplerService(scraper: scraper, statistics: peaks, interval: interval, logger: logger)))
    }
    if let pushing = try push.configuration() {
      let loop = try PushLoop(pushing, log: PushLog(logger: logger)) { content.pushedMetrics() }
      content.add(PushWatch(loop: loop))
      services.append(.init(service: PushService(loop: loop)))
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services, logger: Logger(label: "portpool.lifecycle") { _ in SwiftLogNoOpLogHandler() }))
    signals.handle(group, endpoint: endpoint)
    try await group.run()
    logger.info("stopped")
  }

  private static func warnOfPortsAtRisk(_ content: ServedContent, _ logger: Logger) async {
    guard let settings = await content.snapshot([.settings]).namespaces.first?.settings else { return }
    for port in content.portsAtRisk(in: settings) {
      logger.warning(
        "the listen port lies in the kernel's pool and is not reserved: an outgoing connection can take it",
        metadata: ["port": "\(port)", "remedy": "\(SysctlLine.reserving([port], in: settings).command)"])
    }
  }
}

extension LogOptions.Level {
  var endpointLevel: EndpointEvent.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warn: .warning
    case .error: .error
    }
  }
}

extension EndpointLog {
  init(level: EndpointEvent.Level, _ logger: Logger) {
    self.init(level: level) { event in
      let metadata = Logger.Metadata(event.fields.map { ($0.name, "\($0.value)") }) { first, _ in first }
      logger.log(level: Logger.Level(rawValue: event.level.rawValue) ?? .info, "\(event.message)", metadata: metadata)
    }
  }
}
