internal import ArgumentParser
internal import Metrics

/// Which tuples get a series of their own.
struct TopTupleOptions: ParsableArguments {
  @Option(
    name: .customLong("top-tuples"),
    help: ArgumentHelp("The maximum number of fullest tuples to export by address; 0 for none.", valueName: "n"))
  var count = 5

  @Option(
    name: .customLong("top-tuples-min-share"),
    help: ArgumentHelp("Export only tuples that hold at least this fraction of the pool, 0 to 1.", valueName: "share"))
  var minShare = 0.05

  @Option(
    name: .customLong("top-addresses"),
    help: ArgumentHelp(
      "Export at most this many translated addresses, those with the most connections (--collector.snat); 0 for none.", valueName: "n"))
  var addresses = 8

  func validate() throws {
    guard (0...1000).contains(addresses) else {
      throw ValidationError("--top-addresses \(addresses): expected 0 to 1000; each one is a series in Prometheus.")
    }
    guard (0...1000).contains(count) else {
      throw ValidationError("--top-tuples \(count): expected 0 to 1000; each one is a series in Prometheus.")
    }
    guard (0...1).contains(minShare) else {
      throw ValidationError("--top-tuples-min-share \(minShare): expected a fraction between 0 and 1, such as 0.05.")
    }
  }

  var poolMetrics: PoolMetrics { PoolMetrics(topTuples: count, topTuplesMinShare: minShare, topAddresses: addresses) }
}
