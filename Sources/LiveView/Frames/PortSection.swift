internal import PortModel
internal import Terminal

/// The ports of the range, coloured by what holds them.
enum PortSection {
  /// - Parameter isWhole: whether the section has the screen to itself; then rows are labelled with their first port.
  static func lines(
    _ state: LiveState, _ namespace: NamespaceSnapshot, _ columns: Int, _ height: Int, _ look: Look, isWhole: Bool = false
  ) -> [StyledLine] {
    let transport = state.pool?.id.transport ?? .tcp
    guard let range = namespace.range, let usage = namespace.usage(of: transport), height >= 2 else { return [] }
    guard usage.map.count == range.count else { return isWhole ? legendOnly(usage, transport, columns) : [] }
    let label = isWhole && columns >= 30 ? 7 : 2
    let map = PortMap(
      cells: usage.map, first: Int(range.first), columns: columns - label - 1, rows: height - 2, isHalved: look.colors != .none)
    var header = StyledLine(" PORTS", .heading)
    header.add(" \(transport.name.uppercased()) \(range.first)–\(range.last)", .dim)
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

  private static func legendOnly(_ usage: PortUsage, _ transport: TransportProtocol, _ columns: Int) -> [StyledLine] {
    var header = StyledLine(" PORTS", .heading)
    header.add(" \(transport.name.uppercased())", .dim)
    return [header, StyledLine("  This exporter does not say which ports are in use, only how many.", .dim)] + legend(usage, columns)
  }

  /// `■ client 380  ■ local 9`, in one line; in a narrow terminal without uses that no port has.
  private static func legend(_ usage: PortUsage, _ columns: Int) -> [StyledLine] {
    var line = StyledLine(" ")
    for use in PortUse.held {
      let count = usage[use]
      if count == 0, columns < 72 { continue }
      line.add(" ■", .ports(use, level: 3))
      line.add(" \(use.name) ", .dim)
      line.add("\(NumberText.count(count)) ", count == 0 ? .dim : .text)
    }
    return [line]
  }
}

/// Many ports in few cells. With colours a character has two cells, one above the other: `▀`. Without, it has one, whose shade shows how
/// many of its ports are in use.
struct PortMap {
  /// A row of characters, and its first port.
  struct Row {
    let first: Int
    let line: StyledLine
  }

  let lines: [Row]
  /// What a cell is: `a cell is 45 ports`.
  let caption: String

  init(cells: [PortUse], first: Int, columns: Int, rows: Int, isHalved: Bool) {
    let columns = max(1, columns)
    let halves = isHalved ? 2 : 1
    let slots = columns * max(1, rows) * halves
    let size = max(1, (cells.count + slots - 1) / slots)
    let count = (cells.count + size - 1) / size
    caption = size == 1 ? "a cell is a port" : "a cell is \(size) ports"
    let summaries = (0..<count).map { Summary(cells[$0 * size..<min(cells.count, ($0 + 1) * size)]) }
    lines = stride(from: 0, to: count, by: columns * halves).map { start in
      var line = StyledLine()
      for column in 0..<min(columns, count - start) {
        let upper = summaries[start + column]
        let below = start + columns + column
        let lower = isHalved && below < count ? summaries[below] : nil
        Self.add(upper, lower, isHalved, to: &line)
      }
      return Row(first: first + start * size, line: line)
    }
  }

  private static func add(_ upper: Summary, _ lower: Summary?, _ isHalved: Bool, to line: inout StyledLine) {
    guard isHalved else {
      line.add(upper.shade, upper.role == nil ? .dim : .text)
      return
    }
    switch (upper.role, lower?.role) {
    case (nil, nil): line.add("·", .dim)
    case (let role?, nil): line.add("▀", role)
    case (nil, let role?): line.add("▄", role)
    case (let role?, let ground?): role == ground ? line.add("█", role) : line.add("▀", style: Style(role, ground: ground))
    }
  }

  /// What the ports of a cell are.
  private struct Summary {
    /// `nil` when none is in use.
    let role: Style.Role?
    let shade: String

    init(_ cells: ArraySlice<PortUse>) {
      var counts = [Int](repeating: 0, count: PortUse.allCases.count)
      for cell in cells { counts[Int(cell.rawValue)] += 1 }
      let used = PortUse.held.reduce(0) { $0 + counts[Int($1.rawValue)] }
      if used > 0 {
        let level = used * 8 <= cells.count ? 1 : used * 2 <= cells.count ? 2 : 3
        // The first of equals: a listener is rare, and what people look for.
        let most = PortUse.held.max { counts[Int($0.rawValue)] < counts[Int($1.rawValue)] } ?? .bound
        role = .ports(most, level: level)
        shade = used == cells.count ? "█" : ["░", "▒", "▓"][level - 1]
      } else {
        let isReserved = counts[Int(PortUse.reserved.rawValue)] * 2 > cells.count
        role = isReserved ? .ports(.reserved, level: 1) : nil
        shade = isReserved ? "-" : "·"
      }
    }
  }
}
