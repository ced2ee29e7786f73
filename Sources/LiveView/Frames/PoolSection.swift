internal import PortModel
internal import Terminal

/// The pools that can run out, a bar each.
enum PoolSection {
  static func lines(_ state: LiveState, _ namespace: NamespaceSnapshot, _ columns: Int, _ height: Int) -> [StyledLine] {
    let pools = namespace.pools
    guard !pools.isEmpty else {
      guard namespace.note.isEmpty else { return [StyledLine(" \(namespace.name): \(namespace.note)", .dim)] }
      return [StyledLine(" The settings of the pool could not be read, so there is no headroom to show.", .warning)]
    }
    let layout = Layout(columns)
    let header = height > pools.count ? [layout.header] : []
    return Array((header + pools.map { layout.line($0, state, namespace) }).prefix(height))
  }

  /// Which columns fit, and how wide they are.
  private struct Layout {
    let columns: Int
    let isShort: Bool
    let name: Int
    let bar: Int
    let trend: Int

    init(_ columns: Int) {
      self.columns = columns
      isShort = columns < 64
      name = isShort ? max(2, min(10, columns - 16)) : 19
      // Marker 2, gaps, percent 4, left 7.
      let rest = columns - (2 + name + 1 + 1 + 4 + 1 + 7 + 1)
      if isShort {
        (bar, trend) = (max(0, rest), 0)
      } else {
        trend = min(60, max(0, rest * 2 / 5 - 2))
        bar = min(60, rest - trend - 2)
      }
    }

    var header: StyledLine {
      var line = StyledLine(" POOL", .heading)
      line.pad(to: 2 + name + 1 + bar)
      line.add(TextWidth.right("used", 5) + TextWidth.right("left", 8), .dim)
      if trend > 4 { line.add("  " + TextWidth.left("trend", trend), .dim) }
      return line
    }

    func line(_ pool: Pool, _ state: LiveState, _ namespace: NamespaceSnapshot) -> StyledLine {
      let isChosen = pool.id == state.pool?.id
      var line = StyledLine(isChosen ? "▸ " : "  ", .heading)
      line.add(TextWidth.left(isShort ? pool.id.shortTitle : pool.id.title, name) + " ", isChosen ? .strong : .text)
      line.add(Bar.line(pool.share, width: bar))
      line.add(TextWidth.right(NumberText.percent(pool.share), 5), pool.level == .ok ? .text : pool.level.role)
      line.add(TextWidth.right(NumberText.count(pool.headroom), 8))
      if trend > 4 {
        line.add("  ")
        line.add(Sparkline.line(state.history.trend(namespace.name, pool.id), width: trend))
      }
      return line
    }
  }
}

extension PressureLevel {
  /// The colour of a number.
  var role: Style.Role {
    switch self {
    case .ok: .good
    case .warning: .warning
    case .critical, .exhausted: .critical
    }
  }
}
