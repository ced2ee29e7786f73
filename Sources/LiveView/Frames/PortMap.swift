internal import PortModel
internal import Terminal

/// Many ports in few cells. With colours a character has two cells, one above the other: `▀`. Without, one, whose shade tells how many
/// of its ports are in use.
struct PortMap {
  /// A row of characters, and the port it begins with.
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
      let uses: [(PortUse, Style.PortKind)] = [
        (.listener, .listener), (.bound, .bound), (.local, .local), (.client, .client), (.closing, .closing),
      ]
      let used = uses.reduce(0) { $0 + counts[Int($1.0.rawValue)] }
      if used > 0 {
        let level = used * 8 <= cells.count ? 1 : used * 2 <= cells.count ? 2 : 3
        // The first of equals: a listener is rare, and what one looks for.
        var most = uses[0]
        for use in uses where counts[Int(use.0.rawValue)] > counts[Int(most.0.rawValue)] { most = use }
        role = .ports(most.1, level: level)
        shade = used == cells.count ? "█" : ["░", "▒", "▓"][level - 1]
      } else {
        let isReserved = counts[Int(PortUse.reserved.rawValue)] * 2 > cells.count
        role = isReserved ? .ports(.reserved, level: 1) : nil
        shade = isReserved ? "-" : "·"
      }
    }
  }
}
