internal import PortModel
internal import Scraper
internal import Terminal

extension Evidence {
  /// Fewer connections of the second parity than this are chance: sockets whose first connect failed, tuples that have just been full.
  static let earlyBinderThreshold = 16
  /// Fewer connections than this that stay in CLOSE_WAIT are a program that is busy.
  static let leakThreshold = 10

  var earlyBinderFinding: Finding? {
    guard let pressure = namespace.tcp?.pressure else { return nil }
    // Where it is known, a range of one's own does not look the same.
    let count = pressure.bindFirst ?? pressure.wrongParity - ownRanges
    guard count >= Self.earlyBinderThreshold else { return nil }
    let ranges =
      ownRanges == 0
      ? [] : ["\(counted(ownRanges, "more connection")) set a range of their own (IP_LOCAL_PORT_RANGE), and block nothing"]
    return Finding(
      "bind-before-connect", .notice,
      knowsOwnRanges
        ? "\(grouped(count)) connections have ports that bind() gives: their programs seem to take a port before they connect, from every destination at once."
        : "\(grouped(count)) connections have ports that bind() gives first: their programs take a port before they connect, from every destination at once, or set IP_LOCAL_PORT_RANGE, which blocks nothing.",
      evidence: (earlyBinders.isEmpty
        ? ["their programs could not be seen"]
        : earlyBinders.prefix(5).map { "\($0.holder): \(counted($0.count, "connection"))" }) + ranges,
      remedy: [
        "A program that wants a certain source address should set IP_BIND_ADDRESS_NO_PORT before it binds; others should not bind at all. Then connect() chooses the port, and each destination has the whole pool.",
        "nginx's proxy_bind and HAProxy's source do so in current versions.",
        "Connections opened while their destination was past half, or before the range was changed, look the same and go away by themselves.",
      ]
        + (knowsOwnRanges
          ? [] : ["Run this with sudo to tell programs that set IP_LOCAL_PORT_RANGE apart: their sockets have to be asked."]))
  }

  var leakFinding: Finding? {
    let leaks = self.leaks.filter { $0.count >= Self.leakThreshold }
    guard !leaks.isEmpty else { return nil }
    return Finding(
      "close-wait", .warning, "A program does not close connections that its peers have closed: each holds a port and a descriptor.",
      evidence: leaks.prefix(5).map {
        "\($0.holder): \(counted($0.count, "connection")) in CLOSE_WAIT, all through \(Self.text(watched.seconds)) of watching"
      },
      remedy: [
        "This is a bug in the program: it must close a socket when read() returns 0. No setting ends CLOSE_WAIT.",
        "portpool explain PORT shows the connections of one port.",
      ])
  }

  var listenerFinding: Finding? {
    let exposed = listeners.filter { isUnreserved($0.port) && $0.port != exporterPort }
    guard !exposed.isEmpty else { return nil }
    return Finding(
      "unreserved-listeners", .warning,
      "\(counted(exposed.count, "server listens", plural: "servers listen")) on ports of the kernel's pool that are not reserved: an outgoing connection can take such a port while its server restarts.",
      evidence: exposed.prefix(20).map { "\($0.transport.name.uppercased()) \($0.port): \($0.holder)" }
        + (exposed.count > 20 ? ["… and \(exposed.count - 20) more"] : []),
      remedy: ["Reserve the ports. Programs that ask for them by number still get them."] + reservationRemedy, settings: [reservedLine])
  }

  /// Ports of services that have no socket: NodePorts, published ports of containers, services that are down.
  var rangeFinding: Finding? {
    guard let settings = namespace.settings else { return nil }
    var exposed = PortSet()
    var evidence: [String] = []
    for range in ranges {
      let ports = settings.unreserved(in: range.ports)
      guard !ports.isEmpty else { continue }
      exposed.formUnion(ports)
      evidence.append(
        "\(range.name) (\(range.ports)): \(grouped(ports.count)) of \(counted(range.ports.count, "port")) in the pool and not reserved")
    }
    guard !exposed.isEmpty else { return nil }
    let canBeReserved = exposed.countCommon(with: reservation.ports) == exposed.count
    return Finding(
      "unreserved-ranges", .warning,
      "\(counted(exposed.count, "port")) that are meant for services can be given to outgoing connections. A service without a socket of its own (a NodePort, a published port of a container, one that is down) does not keep its port.",
      evidence: evidence + ["ip_local_port_range is \(settings.range.first)–\(settings.range.last)"],
      remedy: canBeReserved
        ? ["Reserve the ranges. Programs that ask for a port by number still get it; packet filter rules are not affected."]
          + reservationRemedy
        : [
          "Reserving them would take half of the pool or more: move ip_local_port_range away from the services, or the services away from it."
        ],
      settings: canBeReserved ? [reservedLine] : [])
  }

  var exporterFinding: Finding? {
    guard isUnreserved(exporterPort) else { return nil }
    return Finding(
      "exporter-port", .notice,
      "The exporter's own port \(exporterPort) is in the kernel's pool and not reserved: it may be taken when the exporter starts.",
      evidence: namespace.settings.map { ["ip_local_port_range is \($0.range.first)–\($0.range.last)"] } ?? [],
      remedy: ["Reserve it, or let systemd hold it with a socket unit."] + reservationRemedy, settings: [reservedLine])
  }

  var rightsFinding: Finding? {
    guard !missingRights.isEmpty else { return nil }
    return Finding(
      "missing-rights", .notice, "Not everything could be read.", evidence: missingRights,
      remedy: ["Run this with sudo: other users' descriptors need CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH."])
  }

  /// `2.0 s`
  static func text(_ seconds: Double) -> String { NumberText.seconds(tenths: Int((seconds * 10).rounded())) }
}
