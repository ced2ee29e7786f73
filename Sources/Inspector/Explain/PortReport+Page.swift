internal import KernelFormats
internal import PortModel
package import Terminal

extension PortReport {
  /// How many connections are listed; the rest is counted.
  private static let connectionLimit = 20

  /// The page: the verdict first, then the number, the sockets, what helps, and what could not be seen. What other namespaces have comes later, a
  /// line each: ``lines(about:isFirst:)``.
  package var page: Page {
    Page([
      Page.Section([StyledLine(verdict, .strong)]),
      Page.Section("THE NUMBER", TextTable(numberRows).lines),
      Page.Section("HELD BY", socketLines),
      Page.Section("TRANSLATED TO THIS PORT", translatedLines),
      Page.Section("PROCESSES", processLines),
      Page.Section("WHAT HELPS", advice.map { StyledLine($0) }),
      Page.Section("NOT SEEN", notes.map { StyledLine($0, .warning) }),
    ])
  }

  private var numberRows: [[String]] {
    let range = IANARange(of: port)
    var rows = [["IANA", "\(range.title) (\(range.ports.first)–\(range.ports.last)): \(range.meaning)"]]
    if port == 0 {
      rows[0][1] = "reserved: never assigned, and never sent as a source that expects an answer"
    } else if let services {
      let names = transports.compactMap { transport in
        services[transport].map {
          "\($0.name) over \(transport.name.uppercased())" + ($0.comment.isEmpty ? "" : " (\($0.comment))")
        }
      }
      rows.append(["Service", names.isEmpty ? "no name in the services database" : names.joined(separator: ", ")])
    }
    rows += ranges.map { ["Range", "\($0.name) (\($0.ports.first)–\($0.ports.last)), named with --range"] }
    rows.append(["Kernel", kernelText])
    rows.append(["Namespace", namespace.text])
    return rows
  }

  private var kernelText: String {
    guard let settings else { return "unknown: its settings could not be read" }
    let range = "\(settings.range.first)–\(settings.range.last)"
    if port == 0 { return "bind() and connect() with port 0 take one of \(range) (net.ipv4.ip_local_port_range)" }
    return switch handout {
    case .handedOut: "hands it out to outgoing connections: its range is \(range), and the port is not reserved"
    case .reserved: "does not hand it out: it is in the range \(range) but reserved (net.ipv4.ip_local_reserved_ports)"
    case .outside: "does not hand it out: its range is \(range)" + (settings.reserved.contains(port) ? "; reserved as well" : "")
    case .unknown: "unknown"
    }
  }

  private var socketLines: [StyledLine] {
    let shown = sockets.filter { !$0.isConnection } + sockets.filter(\.isConnection).prefix(Self.connectionLimit)
    var table = TextTable(Array(repeating: .left, count: 6))
    for socket in shown { table.add(row(socket), socket.direction == .listening ? .good : socket.record.inode == 0 ? .dim : .text) }
    var lines = table.lines
    let hidden = sockets.count - shown.count
    if hidden > 0 {
      lines.append(StyledLine("… and \(counted(hidden, "more connection")); all together: \(stateCounts); --format json lists them", .dim))
    }
    for gap in gaps { lines.append(StyledLine("\(gap.short): \(gap.sentence).", .dim)) }
    return lines
  }

  private var translatedLines: [StyledLine] {
    let shown = translated.connections.prefix(Self.connectionLimit)
    var table = TextTable(Array(repeating: .left, count: 4))
    for connection in shown {
      let (original, reply) = (connection.original, connection.reply)
      table.add([
        connection.transport.name.uppercased(), original.source.description(port: original.sourcePort),
        "→ \(reply.source.description(port: reply.sourcePort))", "as \(reply.destination.description(port: reply.destinationPort))",
      ])
    }
    let hidden = translated.count - shown.count
    return table.lines + (hidden > 0 ? [StyledLine("… and \(counted(hidden, "more connection"))", .dim)] : [])
  }

  /// The connections by state, most first: `65 ESTABLISHED, 15 CLOSE_WAIT`.
  private var stateCounts: String {
    var counts: [String: Int] = [:]
    for socket in sockets where socket.isConnection { counts[socket.stateText, default: 0] += 1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\(grouped($0.value)) \($0.key)" }.joined(separator: ", ")
  }

  /// The reasons that need a sentence, once each.
  private var gaps: [SocketOwner.Gap] {
    var gaps: [SocketOwner.Gap] = []
    for socket in sockets {
      if case .nobody(let gap) = socket.owner, !gaps.contains(gap) { gaps.append(gap) }
    }
    return gaps
  }

  private func row(_ socket: HeldSocket) -> [String] {
    let record = socket.record
    let local = record.local.description(port: record.localPort) + (record.local.isWildcard ? " (every address)" : "")
    let arrow = socket.direction == .outgoing ? "→" : "←"
    let remote = socket.isConnection ? "\(arrow) \(record.remote.description(port: record.remotePort))" : ""
    var words = [socket.direction.name]
    if socket.isLocal { words.append("both ends on this host") }
    if record.state == .timeWait { words.append("\(seconds(record.timeWaitRemaining)) left") }
    if let isChosen = socket.isChosenByProgram, socket.direction != .inbound {
      words.append("port chosen by \(isChosen ? "the program" : "the kernel")")
    }
    return [record.transport.name.uppercased(), socket.stateText, local, remote, words.joined(separator: ", "), ownerText(socket)]
  }

  private func ownerText(_ socket: HeldSocket) -> String {
    let peer = socket.peers.first.map { "; other end: \($0.name)" } ?? ""
    switch socket.owner {
    case .processes(let processes):
      return processes.prefix(3).map(\.name).joined(separator: ", ") + (processes.count > 3 ? ", …" : "") + peer
    case .nobody(let gap):
      let isUser = gap == .needsRights || gap == .notInProc
      return (isUser ? "of uid \(socket.record.uid), " : "") + gap.short + peer
    }
  }

  private var processLines: [StyledLine] {
    var seen: Set<Int32> = []
    let processes = sockets.flatMap { $0.owner.processes + $0.peers }.filter { seen.insert($0.pid).inserted }
    let rows = processes.prefix(Self.connectionLimit).map { process in
      ["\(process.pid)", process.userText, process.owner?.text ?? "", Self.commandLine(process)]
    }
    let more = processes.count - rows.count
    return TextTable(rows).lines
      + (more > 0 ? [StyledLine("… and \(counted(more, "more process", plural: "more processes"))", .dim)] : [])
  }

  /// The arguments, at most 100 columns of them; the name where they may not be read.
  private static func commandLine(_ process: ProcessDescription) -> String {
    TextWidth.cut(process.arguments.isEmpty ? process.command : process.arguments.joined(separator: " "), to: 100)
  }

  /// What follows the page about another namespace that has the port; the first one under a title.
  package func lines(about use: NamespaceUse, isFirst: Bool) -> [StyledLine] {
    let counts = [(use.listeners, "listener"), (use.others, "other socket")].filter { $0.0 > 0 }.map { counted($0.0, $0.1) }
    let isNamed = use.namespace.name != use.namespace.id.map { "\($0.rawValue)" }
    let argument = isNamed ? use.namespace.name : use.process.map { "\($0.pid)" } ?? use.namespace.name
    let words = [
      use.namespace.text, counts.joined(separator: ", "), use.process.map { "with \($0.name)" } ?? "no process in it",
      // A value that begins like a flag must be joined to its own.
      "portpool explain \(port) --netns\(argument.hasPrefix("-") ? "=" : " ")\(ShellWord.quoted(argument))",
    ]
    return (isFirst ? [StyledLine(), StyledLine("OTHER NETWORK NAMESPACES", .dim)] : []) + [
      StyledLine("  " + words.joined(separator: "  "))
    ]
  }

  /// What follows everything: what could not be seen of other namespaces.
  package static func lines(_ notes: [String]) -> [StyledLine] {
    notes.isEmpty ? [] : [StyledLine()] + Page([Page.Section("NOT SEEN ELSEWHERE", notes.map { StyledLine($0, .warning) })]).lines
  }
}

extension IANARange {
  fileprivate var title: String {
    switch self {
    case .wellKnown: "well-known"
    case .registered: "registered"
    case .dynamic: "dynamic"
    }
  }

  fileprivate var meaning: String {
    switch self {
    case .wellKnown: "for servers, assigned by IANA; binding one normally needs root (CAP_NET_BIND_SERVICE)"
    case .registered: "for servers, registered with IANA on request; Linux hands out many of them to clients all the same"
    case .dynamic: "never assigned: for any program that needs a port for a while; the number says nothing about a service"
    }
  }
}
