internal import PortModel
internal import Terminal

/// `portpool snapshot --format table`: the snapshot for people.
struct SnapshotTable {
  let snapshot: PoolSnapshot

  var page: Page {
    let sections = snapshot.namespaces.flatMap { namespace in
      [
        title(namespace), pools(namespace), uses(namespace), sockets(namespace), tuples(namespace), translated(namespace),
        owners(namespace),
      ]
    }
    return Page((sections + [refused, snapshot.problems.map { StyledLine("problem: \($0)", .critical) }]).map { Page.Section($0) })
  }

  private func title(_ namespace: NamespaceSnapshot) -> [StyledLine] {
    var title = StyledLine("Local port pool of \(namespace.name)", .strong)
    title.add("  \(NumberText.timestamp(snapshot.time)), read from \(snapshot.source?.rawValue ?? "nothing")", .dim)
    var lines = [title]
    if let settings = namespace.settings, let capacity = namespace.capacity {
      let (range, reserved) = (settings.range, NumberText.count(settings.reservedInRange))
      lines.append(StyledLine("\(range.first)–\(range.last), \(reserved) reserved: \(NumberText.count(capacity)) ports to hand out"))
    }
    if let visit = namespace.visit, !visit.isWalked {
      let (tcp, udp) = (NumberText.count(visit.totals.tcp), NumberText.count(visit.totals.udp))
      lines.append(StyledLine("calm: \(tcp) TCP and \(udp) UDP sockets, too few to read one by one"))
    }
    return lines
  }

  private func pools(_ namespace: NamespaceSnapshot) -> [StyledLine] {
    guard !namespace.pools.isEmpty else { return [] }
    var table = TextTable([.left, .left, .right, .right, .right, .left])
    table.add(["POOL", "", "USED", "OF", "LEFT", "WORST TUPLE"], .dim)
    for pool in namespace.pools {
      let numbers = [pool.used, pool.capacity].map { NumberText.count($0) }
      let left = (pool.isUncertain ? "\(NumberText.count(pool.leastHeadroom))–" : "") + NumberText.count(pool.headroom)
      let worst = (pool.isUncertain ? pool.pessimistic : pool.worst)?.arrow ?? ""
      table.add(
        [pool.id.title, Bar.text(pool.share, width: 20)] + numbers + [left, worst],
        pool.level == .ok ? .text : Style.Role(pool.level))
    }
    return table.lines + namespace.pools.compactMap(\.uncertainty).map { StyledLine($0, .warning) }
  }

  private func uses(_ namespace: NamespaceSnapshot) -> [StyledLine] {
    let columns = [namespace.tcp?.pressure?.usage, namespace.udp?.pressure?.usage]
    guard columns.contains(where: { $0 != nil }) else { return [] }
    var table = TextTable([.left, .right, .right])
    table.add(["POOL PORTS HELD BY", "TCP", "UDP"], .dim)
    for use in PortUse.held {
      table.add([use.name] + columns.map { $0.map { NumberText.count($0[use]) } ?? "?" })
    }
    table.add(["any"] + columns.map { $0.map { NumberText.count($0.used) } ?? "?" })
    return table.lines
  }

  private func sockets(_ namespace: NamespaceSnapshot) -> [StyledLine] {
    var table = TextTable([.left, .left, .right, .right, .right, .right])
    table.add(["SOCKETS", "", "WELL-KNOWN", "REGISTERED", "DYNAMIC", "ALL"], .dim)
    let counts = namespace.socketCounts
    for transport in TransportProtocol.allCases {
      let states = counts.filter { $0.transport == transport && $0.family == .ipv4 && $0.range == .dynamic }.map(\.state)
      for state in states {
        let numbers = IANARange.allCases.map { range in
          counts.filter { $0.transport == transport && $0.state == state && $0.range == range }.reduce(0) { $0 + $1.count }
        }
        let all = numbers.reduce(0, +)
        if all > 0 { table.add([transport.name, state] + (numbers + [all]).map { NumberText.count($0) }) }
      }
    }
    for row in namespace.namedRangeCounts {
      table.add([row.transport.name, "\(row.range.name) (\(row.range.ports))", "", "", "", NumberText.count(row.count)])
    }
    return table.lines.count > 1 ? table.lines : []
  }

  private func tuples(_ namespace: NamespaceSnapshot) -> [StyledLine] {
    guard let connect = namespace.tcp?.pressure?.connect, !connect.tuples.isEmpty else { return [] }
    let columns = TupleHeadroom.returnTimes.map { "\($0) S" }
    var table = TextTable([.left, .right, .right, .right] + columns.map { _ in .right })
    table.add(["FULLEST TUPLES", "USED", "LEFT", "FAST"] + columns, .dim)
    for tuple in connect.tuples {
      let numbers = [tuple.used, tuple.headroom, tuple.firstParityFree] + tuple.returning
      table.add([tuple.tuple.arrow] + numbers.map { NumberText.count($0) })
    }
    let legend = "FAST: left of the parity connect() tries first. 5 S …: TIME_WAIT ports that are back by then."
    return table.lines + [StyledLine(legend, .dim)]
  }

  private func translated(_ namespace: NamespaceSnapshot) -> [StyledLine] {
    guard let snat = namespace[Snat.self], let table = snat.table else { return [] }
    guard !table.tuples.isEmpty else { return [StyledLine("no translated connections", .dim)] }
    var text = TextTable([.left, .left, .right, .right, .right, .right, .right])
    text.add(["TRANSLATED", "", "USED", "OF", "LEFT", "CLOSING", "FAILS"], .dim)
    for use in table.tuples {
      let numbers = [use.used, use.capacity, use.headroom, use.closing].map { $0.map { NumberText.count($0) } ?? "?" }
      text.add(
        [use.tuple.transport.name, use.tuple.arrow] + numbers + [use.chanceText],
        use.level == .ok ? .text : Style.Role(use.level))
    }
    let legend =
      "FAILS: the chance that a new connection finds no port. Where the ports are known from: \(snat.originText)."
    return text.lines + [StyledLine(legend, .dim)]
  }

  /// Of the whole host.
  private var refused: [StyledLine] {
    guard let refusals = snapshot.refusals else { return [] }
    let unseen = refusals.isLowerBound ? "; \(NumberText.count(refusals.missed ?? 0)) calls for a port went unseen" : ""
    guard refusals.total > 0 else {
      return [StyledLine("no port \(unseen.isEmpty ? "was" : "is known to have been") refused since counting began\(unseen)", .dim)]
    }
    var table = TextTable([.left, .left, .left, .right, .left])
    table.add(["REFUSED", "NETNS", "BY", "TIMES", "LAST"], .dim)
    for each in refusals.cases {
      table.add([each.title, each.namespace, each.program, NumberText.count(each.count), NumberText.timestamp(each.last)], .critical)
    }
    let total = (unseen.isEmpty ? "" : "at least ") + NumberText.count(refusals.total)
    return table.lines + [StyledLine("\(total) calls were refused a port since counting began\(unseen)", .dim)]
  }

  private func owners(_ namespace: NamespaceSnapshot) -> [StyledLine] {
    guard let owners = namespace.owners else { return [] }
    var table = TextTable([.left, .right])
    table.add(["OWNERS", "POOL PORTS"], .dim)
    for owner in owners { table.add([owner.owner, NumberText.count(owner.usedPorts)]) }
    return table.lines
  }
}
