internal import ArgumentParser
internal import PortModel
internal import Scraper

/// Which collectors run: `--collector.X`, `--no-collector.X`, `--collector.disable-defaults`.
struct CollectorOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.settings"), inversion: .prefixedNo,
    help: "The pool's settings: range, reserved ports, TIME_WAIT reuse (default: on).")
  var settings: Bool?

  @Flag(
    name: .customLong("collector.tcp"), inversion: .prefixedNo,
    help: "TCP sockets and the headroom of connect() and bind() (default: on).")
  var tcp: Bool?

  @Flag(
    name: .customLong("collector.udp"), inversion: .prefixedNo, help: "UDP sockets and the headroom of UDP (default: on).")
  var udp: Bool?

  @Flag(
    name: .customLong("collector.namespaces"), inversion: .prefixedNo,
    help: "Every other network namespace of the host (default: off).")
  var namespaces: Bool?

  @Flag(
    name: .customLong("collector.owners"), inversion: .prefixedNo,
    help: "Pool ports by the systemd unit, container or pod that holds them (default: off).")
  var owners: Bool?

  @Flag(name: .customLong("collector.disable-defaults"), help: "Run only the collectors that are switched on by name.")
  var disableDefaults = false

  /// The collectors that run.
  var enabled: Set<CollectorName> {
    let choices: [(CollectorName, Bool?)] = [
      (.settings, settings), (.tcp, tcp), (.udp, udp), (.namespaces, namespaces), (.owners, owners),
    ]
    return Set(choices.filter { $0.1 ?? (!disableDefaults && CollectorName.defaults.contains($0.0)) }.map(\.0))
  }
}
