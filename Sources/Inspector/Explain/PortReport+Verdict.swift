internal import PortModel

extension PortReport {
  /// The answer in one line.
  package var verdict: String {
    if port == 0 { return "No socket can have port 0: asking for it makes the kernel choose a free port." }
    let held = transports.filter { !sockets($0).isEmpty }
    if held.isEmpty {
      return translated.count > 0 ? "No socket holds \(transportText) port \(port) here. \(translationVerdict)" : freeVerdict
    }
    return held.map { verdict($0, sockets($0)) }.joined(separator: " ") + (translated.count > 0 ? " \(translationVerdict)" : "")
  }

  /// A port of each translated address, for each destination.
  private var translationVerdict: String {
    "Address translation has given it to \(counted(translated.count, "forwarded connection"))."
  }

  private var transportText: String { transports.map { $0.name.uppercased() }.joined(separator: " and ") }

  private var freeVerdict: String {
    let free = "Nothing holds \(transportText) port \(port) here: "
    let others =
      elsewhere.isEmpty
      ? "" : " \(counted(elsewhere.count, "other network namespace has", plural: "other network namespaces have")) sockets with it."
    let meaning =
      switch handout {
      case .handedOut: "the kernel may give it to any outgoing connection."
      case .reserved: "it is reserved, so only a program that asks for it by number gets it."
      case .outside: "it is outside the kernel's range, so only a program that asks for it by number gets it."
      case .unknown: "whether the kernel hands it out could not be read."
      }
    let range = ranges.first.map { " It lies in \($0.name), a range for services, and a service may have no socket." } ?? ""
    return free + meaning + range + others
  }

  private func verdict(_ transport: TransportProtocol, _ sockets: [HeldSocket]) -> String {
    let name = "\(transport.name.uppercased()) port \(port)"
    let connections = sockets.filter(\.isConnection)
    let rest = connections.isEmpty ? "" : "; \(counted(connections.count, "connection")) to it"
    for (direction, verb, plural) in [
      (SocketDirection.listening, "listens on", "listen on"), (.receiving, "receives on", "receive on"),
      (.bound, "has bound", "have bound"),
    ] {
      let those = sockets.filter { $0.direction == direction }
      guard !those.isEmpty else { continue }
      let isOne = Self.processes(those).count <= 1
      let idle = direction != .bound ? "" : isOne ? " and neither listens nor connects" : " and neither listen nor connect"
      return "\(Self.holders(those)) \(isOne ? verb : plural) \(name)\(idle)\(direction == .listening ? rest : "")."
    }
    let live = connections.filter { $0.record.inode != 0 }
    if live.isEmpty { return ownerless(name, connections) }
    let first = live[0]
    let isOutgoing = first.direction == .outgoing
    let peer = first.record.remote.description(port: first.record.remotePort)
    let what =
      live.count == 1
      ? (isOutgoing ? "an outgoing connection of \(Self.holders(live)) to \(peer)" : "a connection from \(peer) to \(Self.holders(live))")
      : "\(counted(live.count, isOutgoing ? "outgoing connection" : "connection")) of \(Self.holders(live))"
    return "\(name) is held by \(what)."
  }

  private func ownerless(_ name: String, _ sockets: [HeldSocket]) -> String {
    let waiting = sockets.filter { $0.record.state == .timeWait }
    guard waiting.count == sockets.count, let longest = waiting.map(\.record.timeWaitRemaining).max() else {
      return "No process holds \(name): the kernel is finishing \(counted(sockets.count, "closed connection"))."
    }
    return "No process holds \(name): \(counted(waiting.count, "closed connection")) in TIME_WAIT for at most another \(seconds(longest))."
  }

  /// The processes of `sockets`, each once.
  private static func processes(_ sockets: [HeldSocket]) -> [ProcessDescription] {
    var seen: Set<Int32> = []
    return sockets.flatMap(\.owner.processes).filter { seen.insert($0.pid).inserted }
  }

  /// `nginx (pid 812)`, `nginx (pid 812) and 3 more processes`, `A process that only root may name`.
  private static func holders(_ sockets: [HeldSocket]) -> String {
    let processes = processes(sockets)
    guard let first = processes.first else {
      return sockets.contains { $0.owner == .nobody(.needsRights) }
        ? "A process that only root may name" : "The kernel, or a process not visible from here,"
    }
    return first.name + (processes.count > 1 ? " and \(counted(processes.count - 1, "more process", plural: "more processes"))" : "")
  }
}
