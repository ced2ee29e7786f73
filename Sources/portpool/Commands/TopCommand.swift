internal import ArgumentParser
internal import Kernel
internal import LiveView
internal import Scraper
internal import Terminal

struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Watch the pools, the fullest tuples and the ports, of this host or of another.",
    discussion: """
      Keys: ? shows them all, q quits, tab chooses a pool, s sorts, / filters, p pauses. Where standard output is \
      no terminal, and with --batch, plain lines are printed instead. NO_COLOR takes the colours away.

      EXAMPLES
        portpool top
        portpool top --interval 500ms
        portpool top --url https://db-3:10097 --basic-auth-file ~/.portpool --ca-file /etc/ssl/internal-ca.pem
        portpool top --batch --count 60 | tee pools.log
      """
  )

  @Option(help: ArgumentHelp("The time between updates.", valueName: "duration"), transform: { try Duration(argument: $0) })
  var interval = Duration.seconds(2)

  @Flag(help: "Print plain lines, one for each pool and each of the fullest tuples.")
  var batch = false

  @Option(help: ArgumentHelp("Stop after this many updates; implies --batch.", valueName: "n"))
  var count: Int?

  @OptionGroup(title: "Another host") var remote: RemoteOptions
  @OptionGroup(title: "Scraping this host") var scrape: ScrapeOptions
  @OptionGroup(title: "Collectors") var collectors: CollectorOptions

  func validate() throws {
    guard interval >= .milliseconds(100) else { throw ValidationError("--interval \(interval): expected 100ms or more.") }
    if let count, count < 1 { throw ValidationError("--count \(count): expected 1 or more.") }
  }

  func run() throws {
    let source: TopSource
    if let fetcher = try remote.fetcher {
      source = fetcher.topSource
    } else {
      try scrape.checkProcessFileSystem()
      // Who watches looks every few seconds, so that loading pays for itself in a minute even where few sockets are open.
      if count == nil { KernelCounting.begin(scrape, collectors.enabled, nil) }
      source = PoolScraper(scrape.scraperConfiguration(tupleLimit: 100, looks: count)).topSource(collectors.enabled)
    }
    let state = LiveState(subject: try remote.shownURL ?? HostName.current, interval: interval / .seconds(1))
    guard !batch, count == nil, StandardOutput.isTerminal, let look = Look.current else {
      return try TopBatch(state: state, count: count, interval: interval).run(source)
    }
    let ending: LiveSession.Ending
    do {
      ending = try LiveSession.run(state, look, source: source)
    } catch {
      throw CommandError("the terminal cannot be used: \(error); --batch prints plain lines instead")
    }
    if case .signal(let signal) = ending { signal.endProgram() }
  }
}
