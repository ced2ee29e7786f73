internal import ArgumentParser

/// What `--collector.owners` lists.
struct OwnerOptions: ParsableArguments {
  @Option(
    name: .customLong("owners.top"),
    help: ArgumentHelp("List at most this many owners, those with the most pool ports; the others are counted together.", valueName: "n"))
  var top = 20

  @Option(name: .customLong("path.cgroupfs"), help: ArgumentHelp("Where control groups are mounted.", valueName: "path"))
  var controlGroups = "/sys/fs/cgroup"

  func validate() throws {
    guard (0...1000).contains(top) else {
      throw ValidationError("--owners.top \(top): expected 0 to 1000; each owner is a series in Prometheus.")
    }
  }
}
