internal import ArgumentParser
internal import Kernel
internal import Scraper

struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Show this host's port pool once."
  )

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case json
  }

  @Option(help: "The form of the output.")
  var format = Format.json

  @Option(help: ArgumentHelp("List the fullest tuples (source, destination, port): a number, or \"all\".", valueName: "n|all"))
  var tuples = TupleLimit.atMost(100)

  @OptionGroup var scrape: ScrapeOptions

  func run() throws {
    let scraper = PoolScraper(scrape.scraperConfiguration(tupleLimit: tuples.count))
    let snapshot = scraper.snapshot()
    let bytes = try SnapshotDocument(snapshot).encoded()
    try StandardOutput.write(bytes)
    for problem in snapshot.problems { StandardError.write("portpool: \(problem)\n") }
    if !snapshot.problems.isEmpty { throw ExitCode(1) }
  }
}
