internal import ArgumentParser
internal import Exposition
internal import Kernel
internal import Logging
internal import Metrics
internal import PortModel
internal import Push
internal import Scraper
internal import ServiceLifecycle
internal import UnixSignals

struct PushCommand: AsyncParsableCommand, KernelCountingCommand {
  static let configuration = CommandConfiguration(
    commandName: "push",
    abstract: "Push the metrics to a Pushgateway or a remote-write receiver.",
    discussion: """
      For hosts that Prometheus cannot scrape. A push needs a free local port itself: while the pool is full, new \
      connections fail, pushes included, but scraping still works. With --interval one connection is kept open between \
      pushes.

      EXAMPLES
        portpool push --url http://gateway:9091 --grouping instance=web-1
        portpool push --url http://gateway:9091 --grouping instance=web-1 --interval 15s --delete-on-exit
        portpool push --url https://gateway:9091 --ca-file ca.pem --basic-auth-file /etc/portpool/push
        portpool push --url http://prometheus:9090 --format remote-write --grouping instance=web-1 --interval 15s
      """
  )

  @OptionGroup(title: "Push") var push: PushOptions
  @OptionGroup(title: "Scraping") var scrape: ScrapeOptions
  @OptionGroup(title: "Collectors") var collectors: CollectorOptions
  @OptionGroup(title: "Series") var topTuples: TopTupleOptions
  @OptionGroup(title: "Logging") var log: LogOptions

  func prepareSources() {
    if push.interval != nil { KernelCounting.begin(scrape, collectors.enabled, log.makeLogger()) }
  }

  func run() async throws {
    try scrape.checkProcessFileSystem()
    let configuration = try push.configuration()
    let logger = log.makeLogger()
    let limit = max(100, topTuples.count)
    let scraper = PoolScraper(scrape.scraperConfiguration(tupleLimit: limit, looks: configuration.interval == nil ? 1 : nil))
    scraper.findAbilities()
    let (problems, metrics, enabled) = (ProblemLog(logger: logger), topTuples.poolMetrics, collectors.enabled)
    // A single push says what went wrong at its end; a log line would say it again.
    let log = configuration.interval == nil ? nil : PushLog(logger: logger)
    let collections = SharedCollections<MetricSet>(scraper)
    let loop = try PushLoop(configuration, log: log) {
      collections.waitForAnswer(enabled) { snapshot in
        problems.note(snapshot)
        var result = metrics.metrics(of: snapshot)
        result.merge(ExporterMetrics.metrics(of: .current))
        return result
      }
    }
    let failure = try await Self.run(loop)
    if configuration.interval == nil, let failure { throw CommandError("\(failure)") }
  }

  /// Pushes until it is done or the program is asked to end; gives the failure of the last push.
  private static func run(_ loop: PushLoop) async throws -> PushError? {
    let service = PushService(loop: loop)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "portpool.lifecycle") { _ in SwiftLogNoOpLogHandler() }))
    try await group.run()
    return service.result.failure
  }
}
