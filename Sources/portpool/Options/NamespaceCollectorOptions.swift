internal import ArgumentParser
internal import Kernel
internal import PortModel
internal import Scraper

/// What `--collector.namespaces` looks at.
struct NamespaceCollectorOptions: ParsableArguments {
  @Option(
    name: .customLong("namespaces.include"),
    help: ArgumentHelp(
      "Only namespaces with a name (label netns, host name, pod UID, container ID or unit) that matches: * is any text, ? one character. "
        + "May be repeated (default: all).", valueName: "pattern"),
    transform: GlobPattern.init)
  var include: [GlobPattern] = []

  @Option(
    name: .customLong("namespaces.exclude"),
    help: ArgumentHelp("No namespace with a name that matches. May be repeated.", valueName: "pattern"), transform: GlobPattern.init)
  var exclude: [GlobPattern] = []

  @Option(
    name: .customLong("namespaces.max"),
    help: ArgumentHelp("Show at most this many namespaces, those with the most sockets; the others are counted together.", valueName: "n"))
  var maximum = 100

  @Option(
    name: .customLong("namespaces.walk-share"),
    help: ArgumentHelp(
      "Read the sockets of a namespace one by one if their number is at least this fraction of its pool's capacity, 0 to 1 (0 for always).",
      valueName: "share"))
  var walkShare = 0.1

  @Option(
    name: .customLong("path.netns"), help: ArgumentHelp("Where named network namespaces are mounted.", valueName: "path"))
  var directory = "/run/netns"

  func validate() throws {
    guard (0...10_000).contains(maximum) else {
      throw ValidationError("--namespaces.max \(maximum): expected 0 to 10000; each one adds up to two hundred series.")
    }
    guard (0...1).contains(walkShare) else {
      throw ValidationError("--namespaces.walk-share \(walkShare): expected a fraction between 0 and 1, such as 0.1.")
    }
  }

  var namespaceOptions: NamespaceOptions {
    NamespaceOptions(include: include, exclude: exclude, maximum: maximum, walkShare: walkShare, directory: directory)
  }
}
