internal import KernelFormats
internal import PortModel
package import Terminal

extension HolderReport {
  /// How many holders and tuples are listed; the rest is counted.
  private static let limit = 20

  /// The answer in one line.
  package var verdict: String {
    guard let most = holders.first else {
      return switch subject {
      case .destination: "No socket in \(namespace.title) holds a port towards \(subjectText)."
      case .range: "No socket in \(namespace.title) holds a port of \(subjectText)."
      }
    }
    let who =
      holders.count > 1
      ? ", the most by \(name(most)): \(grouped(most.ports))" : ports > 1 ? ", all of them by \(name(most))" : " by \(name(most))"
    return switch subject {
    case .destination:
      "\(counted(ports, "local port is", plural: "local ports are")) held towards \(subjectText)\(who)."
    case .range:
      "\(counted(ports, "port")) of \(subjectText) \(ports == 1 ? "is" : "are") held\(who)."
    }
  }

  /// The page: the verdict first, then what is left, who holds the ports, what helps, and what could not be seen.
  package var page: Page {
    Page([
      Page.Section([StyledLine(verdict, .strong)]),
      Page.Section("LEFT", leftLines),
      Page.Section("HELD BY", holderLines),
      Page.Section("WHAT HELPS", advice.map { StyledLine($0) }),
      Page.Section("NOT SEEN", notes.map { StyledLine($0, .warning) }),
    ])
  }

  /// What to look at next, a sentence each.
  package var advice: [String] {
    var advice: [String] = []
    let (closeWait, timeWait) = (sockets(in: .closeWait), sockets(in: .timeWait))
    if closeWait > 0 {
      advice.append(
        "CLOSE_WAIT: the other side has closed \(counted(closeWait, "connection")) and the program here has not; if that lasts, the program leaks them."
      )
    }
    if timeWait > 0 {
      advice.append(
        "TIME_WAIT: \(counted(timeWait, "connection")) closed from this side; each port comes back within a minute. A program that keeps connections open and shares them has none."
      )
    }
    if !holders.isEmpty { advice.append("portpool doctor says whether anything is wrong with the pool, and what to do.") }
    return advice
  }

  private var subjectText: String {
    switch subject {
    case .destination(let address, let port): address.description(port: port)
    case .range(let range):
      range.name == range.ports.description ? range.name : "\(range.name) (\(range.ports.first)–\(range.ports.last))"
    }
  }

  private var leftLines: [StyledLine] {
    switch subject {
    case .range(let range):
      guard let settings else { return [] }
      let inPool = settings.unreserved(in: range.ports).count
      return [
        StyledLine(
          "The kernel hands out \(grouped(inPool)) of these \(counted(range.ports.count, "port")): its range is \(settings.range.first)–\(settings.range.last), \(grouped(settings.reservedInRange)) of them reserved."
        )
      ]
    case .destination:
      guard !tuples.isEmpty else { return [] }
      var table = TextTable([.left] + Array(repeating: .right, count: 3 + TupleHeadroom.returnTimes.count))
      table.add(["from", "held", "left", "reusable"] + TupleHeadroom.returnTimes.map { "back in \($0) s" }, .dim)
      for tuple in tuples.prefix(Self.limit) {
        table.add(
          [tuple.tuple.sourceText, grouped(tuple.held), grouped(tuple.headroom), grouped(tuple.reusable)]
            + TupleHeadroom.returnTimes.map { grouped(tuple.returning(within: $0)) }, tuple.headroom == 0 ? .critical : .text)
      }
      let more = tuples.count - Self.limit
      return table.lines
        + (more > 0 ? [StyledLine("… and \(counted(more, "more source address", plural: "more source addresses"))", .dim)] : [])
    }
  }

  private var holderLines: [StyledLine] {
    guard !holders.isEmpty else { return [] }
    var table = TextTable([.left, .left, .left, .right, .right, .left])
    table.add(["program", "user", "unit, container or pod", "sockets", "ports", "states"], .dim)
    for holder in holders.prefix(Self.limit) {
      let process = holder.owner.processes.first
      table.add(
        [
          text(holder), process?.userText ?? holder.uid.map { "uid \($0)" } ?? "", process?.owner?.text ?? "", grouped(holder.sockets),
          grouped(holder.ports), states(holder),
        ], process == nil ? .dim : .text)
    }
    var lines = table.lines
    let more = holders.count - Self.limit
    if more > 0 { lines.append(StyledLine("… and \(counted(more, "more program")); --format json lists them", .dim)) }
    var gaps: [SocketOwner.Gap] = []
    for holder in holders {
      if case .nobody(let gap) = holder.owner, !gaps.contains(gap) { gaps.append(gap) }
    }
    return lines + gaps.map { StyledLine("\($0.short): \($0.sentence).", .dim) }
  }

  private func text(_ holder: Holder) -> String {
    switch holder.owner {
    case .processes(let processes): processes.first?.name ?? ""
    case .nobody(let gap): gap.short
    }
  }

  /// The same for a sentence: `nginx (pid 812)`, `closed connections in TIME_WAIT`.
  private func name(_ holder: Holder) -> String {
    guard case .nobody(let gap) = holder.owner else { return text(holder) }
    return switch gap {
    case .timeWait: "closed connections in TIME_WAIT"
    case .closedByProgram: "connections that their programs have closed"
    case .notAccepted: "connections that wait to be accepted"
    case .halfOpen: "connections whose handshake is not over"
    case .needsRights: "programs that only root may name"
    case .notInProc: "the kernel or programs not seen from here"
    }
  }

  /// `65 ESTABLISHED, 15 CLOSE_WAIT, 3 UDP UNCONNECTED`
  private func states(_ holder: Holder) -> String {
    holder.states.map { "\(grouped($0.count)) \($0.transport == .udp ? "UDP " : "")\($0.state.uppercased())" }.joined(separator: ", ")
  }
}
