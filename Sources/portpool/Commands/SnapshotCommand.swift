internal import ArgumentParser
internal import Exposition
internal import Kernel
internal import Logging
internal import Metrics
internal import PortModel
internal import Scraper
internal import ServiceLifecycle
internal import Terminal
internal import UnixSignals

struct SnapshotCommand: AsyncParsableCommand, KernelCountingCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Show this host's port pool once.",
    discussion: """
      What cannot be read is named on standard error, the rest is shown, and the exit status is 1.

      EXAMPLES
        portpool snapshot
        portpool snapshot --format json --tuples all
        portpool snapshot --format prometheus --output /var/lib/prometheus/node-exporter/portpool.prom
        portpool snapshot --format prometheus --output /var/lib/prometheus/node-exporter/portpool.prom --interval 15s
      """
  )

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, prometheus, openmetrics, json
  }

  @Option(help: "The output format.")
  var format = Format.table

  @Option(help: ArgumentHelp("Write to this file, atomically, instead of standard output.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Rewrite --output at this interval, such as 15s, until the program is stopped.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var interval: Duration?

  @Option(
    help: ArgumentHelp(
      "List the fullest tuples (source, destination, port): a number, or \"all\" (default: 10 in the table, 100 in JSON).",
      valueName: "n|all"))
  var tuples: TupleLimit?

  @OptionGroup(title: "Scraping") var scrape: ScrapeOptions
  @OptionGroup(title: "Collectors") var collectors: CollectorOptions
  @OptionGroup(title: "Series") var topTuples: TopTupleOptions

  func validate() throws {
    guard let interval else { return }
    if output == nil { throw ValidationError("--interval: it needs --output, the file to rewrite.") }
    if interval < .seconds(1) { throw ValidationError("--interval: expected 1s or more.") }
  }

  func prepareSources() {
    if interval != nil { KernelCounting.begin(scrape, collectors.enabled, nil) }
  }

  func run() async throws {
    try scrape.checkProcessFileSystem()
    if let interval { return try await write(every: interval) }
    let problems = try write(scraper.snapshot(collectors.enabled))
    for problem in problems { Message.write(problem) }
    if !problems.isEmpty { throw ExitCode(1) }
  }

  private var scraper: PoolScraper {
    let limit = tuples ?? .atMost(format == .table ? 10 : max(100, topTuples.count))
    let scraper = PoolScraper(
      scrape.scraperConfiguration(tupleLimit: limit.count, looks: interval == nil ? 1 : nil, isOneLook: interval == nil))
    scraper.findAbilities()
    return scraper
  }

  /// Writes a snapshot; gives what could not be read.
  private func write(_ snapshot: PoolSnapshot) throws -> [String] {
    let bytes = try encode(snapshot)
    if let output {
      do { try AtomicFile.write(bytes, to: output) } catch { throw CommandError("--output \(error)") }
    } else {
      try StandardOutput.write(bytes)
    }
    if interval == nil {
      for remark in snapshot.remarks { Message.write("note: \(remark)") }
    }
    return snapshot.problems
  }

  /// Writes until the program is stopped. A file that cannot be written at the start is an error; later it may be a disk that is full
  /// for a while.
  private func write(every interval: Duration) async throws {
    let (collections, enabled) = (SharedCollections<PoolSnapshot>(scraper), collectors.enabled)
    _ = try await write(collections.answer(enabled, until: .now + SharedCollections<PoolSnapshot>.defaultPatience) { $0 })
    let service = TextfileService(interval: interval) {
      do { return try write(collections.waitForAnswer(enabled) { $0 }) } catch { return ["\(error)"] }
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: service)], gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "portpool.lifecycle") { _ in SwiftLogNoOpLogHandler() }))
    try await group.run()
  }

  private func encode(_ snapshot: PoolSnapshot) throws -> [UInt8] {
    switch format {
    case .json: return try SnapshotDocument(snapshot).encoded()
    case .table:
      return (output == nil ? Renderer.standardOutput : .plain).bytes(SnapshotTable(snapshot: snapshot).page)
    case .prometheus: return metrics(of: snapshot).encoded(as: .text004)
    case .openmetrics: return metrics(of: snapshot).encoded(as: .openMetrics100)
    }
  }

  private func metrics(of snapshot: PoolSnapshot) -> MetricSet {
    var metrics = topTuples.poolMetrics.metrics(of: snapshot)
    metrics.merge(ExporterMetrics.metrics(of: .current))
    return metrics
  }
}
