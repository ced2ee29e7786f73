internal import ArgumentParser
internal import PortModel

/// Ranges that are meant for services, of the commands that look at a host once.
struct ServiceRangeOptions: ParsableArguments {
  @Option(
    name: .customLong("range"),
    help: ArgumentHelp(
      "Ports meant for services, which may have no sockets, such as nodeport=30000-32767. May be repeated.",
      valueName: "name=lo-hi"),
    transform: { try NamedRange(argument: $0) })
  var ranges: [NamedRange] = []

  func validate() throws { try NamedRange.checkNames(of: ranges) }
}
