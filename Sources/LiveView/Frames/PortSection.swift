internal import PortModel
internal import Terminal

/// The ports of the range, coloured by what holds them.
enum PortSection {
  /// - Parameter isWhole: has the section the screen to itself, so that rows are labelled with their first port.
  static func lines(
    _ state: LiveState, _ namespace: LiveNamespace, _ columns: Int, _ height: Int, _ look: Look, isWhole: Bool = false
  ) -> [StyledLine] {
    let transport = state.pool?.id.transport ?? .tcp
    guard let range = namespace.range, let usage = namespace.usage(of: transport), height >= 2 else { return [] }
    guard usage.map.count == range.count else { return isWhole ? legendOnly(usage, columns) : [] }
    let label = isWhole && columns >= 30 ? 7 : 2
    let map = PortMap(
      cells: usage.map, first: Int(range.first), columns: columns - label - 1, rows: height - 2, isHalved: look.colors != .none)
    var header = StyledLine(" PORTS", .heading)
    header.add(" \(usage.transport.name.uppercased()) \(range.first)–\(range.last)", .dim)
    header = header.with(
      right: StyledLine(
        "\(NumberText.count(usage.used)) of \(NumberText.count(namespace.capacity ?? range.count)) used, \(map.caption) ", .dim),
      columns: columns)
    var lines = [header]
    for row in map.lines {
      var line = StyledLine(label > 2 ? TextWidth.right("\(row.first)", 6) + " " : "  ", .dim)
      line.add(row.line)
      lines.append(line)
    }
    return lines + legend(usage, columns)
  }

  private static func legendOnly(_ usage: LiveUsage, _ columns: Int) -> [StyledLine] {
    var header = StyledLine(" PORTS", .heading)
    header.add(" \(usage.transport.name.uppercased())", .dim)
    return [header, StyledLine("  This exporter does not say which ports are in use, only how many.", .dim)] + legend(usage, columns)
  }

  /// `■ client 380  ■ local 9`, in one line; in a narrow terminal only what there is.
  private static func legend(_ usage: LiveUsage, _ columns: Int) -> [StyledLine] {
    var line = StyledLine(" ")
    for use in PortUse.held {
      let count = usage.uses[use] ?? 0
      if count == 0, columns < 72 { continue }
      line.add(" ■", .ports(Style.PortKind(use), level: 3))
      line.add(" \(use.name) ", .dim)
      line.add("\(NumberText.count(count)) ", count == 0 ? .dim : .text)
    }
    return [line]
  }
}

extension Style.PortKind {
  init(_ use: PortUse) {
    switch use {
    case .listener: self = .listener
    case .bound: self = .bound
    case .local: self = .local
    case .client: self = .client
    case .closing: self = .closing
    case .free, .reserved: self = .reserved
    }
  }
}
