internal import FoundationEssentials
internal import PortModel
internal import Scraper
internal import Terminal

/// `portpool snapshot --format table`: the snapshot for people.
struct SnapshotTable {
  let snapshot: PoolSnapshot
  let style: TerminalStyle

  var text: String {
    let sections = snapshot.namespaces.flatMap { namespace in
      [title(namespace), pools(namespace), uses(namespace), sockets(namespace), tuples(namespace), owners(namespace)]
    }
    let problems = snapshot.problems.map { style.red("problem: \($0)") }
    return (sections.filter { !$0.isEmpty } + (problems.isEmpty ? [] : [problems]))
      .map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  private func title(_ namespace: NamespaceSnapshot) -> [String] {
    let time = Date(timeIntervalSince1970: Double(snapshot.time)).formatted(.iso8601)
    var lines = [
      style.bold("Local port pool of \(namespace.name)") + style.dim("  \(time), read from \(snapshot.source?.rawValue ?? "nothing")")
    ]
    if let settings = namespace.settings, let capacity = namespace.capacity {
      lines.append(
        "\(settings.range.first)–\(settings.range.last), \(settings.reservedInRange.grouped) reserved: \(capacity.grouped) ports to hand out"
      )
    }
    if let visit = namespace.visit, !visit.isWalked {
      let (tcp, udp) = (Int(visit.totals.tcp).grouped, Int(visit.totals.udp).grouped)
      lines.append("calm: \(tcp) TCP and \(udp) UDP sockets, too few to read one by one")
    }
    return lines
  }

  private func pools(_ namespace: NamespaceSnapshot) -> [String] {
    let rows = namespace.poolRows
    guard !rows.isEmpty else { return [] }
    var table = TextTable([.left, .left, .right, .right, .right, .left])
    table.add(["POOL", "", "USED", "OF", "LEFT", "WORST TUPLE"])
    for row in rows {
      table.add([
        row.name, bar(row.used, of: row.capacity, width: 20), row.used.grouped, row.capacity.grouped, row.headroom.grouped, row.note,
      ])
    }
    return zip(table.lines, [nil] + rows.map(Optional.some)).map { line, row in
      guard let row else { return style.dim(line) }
      let share = Double(row.used) / Double(max(1, row.capacity))
      return share >= 0.8 ? style.red(line) : share >= 0.5 ? style.yellow(line) : line
    }
  }

  private func uses(_ namespace: NamespaceSnapshot) -> [String] {
    let columns = [namespace.tcp?.pressure?.usage, namespace.udp?.pressure?.usage]
    guard columns.contains(where: { $0 != nil }) else { return [] }
    var table = TextTable([.left, .right, .right])
    table.add(["POOL PORTS HELD BY", "TCP", "UDP"])
    for use in PortUse.held {
      table.add([use.name] + columns.map { $0.map { $0[use].grouped } ?? "?" })
    }
    table.add(["any"] + columns.map { $0?.used.grouped ?? "?" })
    return header(table.lines)
  }

  private func sockets(_ namespace: NamespaceSnapshot) -> [String] {
    var table = TextTable([.left, .left, .right, .right, .right, .right])
    table.add(["SOCKETS", "", "WELL-KNOWN", "REGISTERED", "DYNAMIC", "ALL"])
    let counts = namespace.socketCounts
    for transport in TransportProtocol.allCases {
      let states = counts.filter { $0.transport == transport && $0.family == .ipv4 && $0.range == .dynamic }.map(\.state)
      for state in states {
        let numbers = IANARange.allCases.map { range in
          counts.filter { $0.transport == transport && $0.state == state && $0.range == range }.reduce(0) { $0 + $1.count }
        }
        let all = numbers.reduce(0, +)
        if all > 0 { table.add([transport.name, state] + (numbers + [all]).map(\.grouped)) }
      }
    }
    for row in namespace.namedRangeCounts {
      table.add([row.transport.name, "\(row.range.name) (\(row.range.ports))", "", "", "", row.count.grouped])
    }
    return table.lines.count > 1 ? header(table.lines) : []
  }

  private func tuples(_ namespace: NamespaceSnapshot) -> [String] {
    guard let connect = namespace.tcp?.pressure?.connect, !connect.tuples.isEmpty else { return [] }
    let columns = TupleHeadroom.returnTimes.map { "\($0) S" }
    var table = TextTable([.left, .right, .right, .right] + columns.map { _ in .right })
    table.add(["FULLEST TUPLES", "USED", "LEFT", "FAST"] + columns)
    for tuple in connect.tuples {
      table.add(
        [tuple.tuple.arrow, tuple.used.grouped, tuple.headroom.grouped, tuple.firstParityFree.grouped] + tuple.returning.map(\.grouped))
    }
    return header(table.lines) + [
      style.dim("FAST: left of the parity connect() tries first. 5 S …: TIME_WAIT ports that are back by then.")
    ]
  }

  private func owners(_ namespace: NamespaceSnapshot) -> [String] {
    guard let owners = namespace.owners else { return [] }
    var table = TextTable([.left, .right])
    table.add(["OWNERS", "POOL PORTS"])
    for owner in owners { table.add([owner.owner, owner.usedPorts.grouped]) }
    return header(table.lines)
  }

  private func header(_ lines: [String]) -> [String] {
    [style.dim(lines[0])] + lines.dropFirst()
  }
}
