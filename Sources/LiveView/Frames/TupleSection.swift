internal import PortModel
internal import Terminal

/// The fullest tuples: how many ports each holds, how fast that changes, and how many TIME_WAIT returns soon.
enum TupleSection {
  static func lines(_ state: LiveState, _ namespace: NamespaceSnapshot, _ columns: Int, _ height: Int) -> [StyledLine] {
    guard height > 0 else { return [] }
    let tuples = state.tuples
    let offset = min(state.offset, max(0, tuples.count - (height - 1)))
    let shown = tuples.dropFirst(offset).prefix(height - 1)
    let layout = Layout(columns, source: shown.map { TextWidth.columns($0.tuple.sourceText) }.max() ?? 0)
    var lines = [layout.header(state, title(state, namespace, tuples.count, from: offset, shown: shown.count))]
    if tuples.isEmpty, height > 1 {
      lines.append(StyledLine(state.filter.isEmpty ? "  No connection holds a port of the pool." : "  Nothing matches the filter.", .dim))
    }
    return lines + shown.map { layout.line($0, state, namespace) }
  }

  private static func title(_ state: LiveState, _ namespace: NamespaceSnapshot, _ count: Int, from offset: Int, shown: Int) -> String {
    let total = state.filter.isEmpty ? namespace.tupleCount : count
    if shown >= total { return NumberText.count(total) }
    return (offset == 0 ? "\(shown)" : "\(offset + 1)–\(offset + shown)") + " of \(NumberText.count(total))"
  }

  /// Which columns fit.
  private struct Layout {
    let name: Int
    /// 0 when only destinations are shown.
    let source: Int
    let hasRate: Bool
    let hasLeft: Bool
    let hasReturning: Bool
    let bar: Int

    init(_ columns: Int, source: Int) {
      hasRate = columns >= 34
      hasLeft = columns >= 52
      hasReturning = columns >= 64
      bar = columns >= 110 ? 20 : 0
      let numbers = 8 + (hasRate ? 8 : 0) + (hasLeft ? 8 : 0) + (hasReturning ? 15 : 0) + (bar > 0 ? bar + 2 : 0)
      name = max(0, columns - 2 - numbers)
      // An IPv4 destination with its port has at most 21 columns, the arrow 3.
      self.source = name >= min(source, 15) + 23 ? min(source, name - 23) : 0
    }

    func header(_ state: LiveState, _ count: String) -> StyledLine {
      func mark(_ text: String, _ column: TupleOrder.Column) -> String {
        state.order.column == column ? text + (state.order.isReversed ? "▲" : "▼") : text
      }
      var line = StyledLine(" TUPLES", .heading)
      line.add(" " + mark(count, .destination), .dim)
      line = line.fitted(to: name + 2)
      line.pad(to: name + 2)
      if bar > 0 { line.add("  " + TextWidth.left("share", bar), .dim) }
      line.add(TextWidth.right(mark("used", .used), 8), .dim)
      if hasRate { line.add(TextWidth.right(mark("rate", .rate), 8), .dim) }
      if hasLeft { line.add(TextWidth.right("left", 8), .dim) }
      if hasReturning { line.add(TextWidth.right("back 15s", 9) + TextWidth.right(mark("60s", .returning), 6), .dim) }
      return line
    }

    func line(_ tuple: TupleHeadroom, _ state: LiveState, _ namespace: NamespaceSnapshot) -> StyledLine {
      var line = StyledLine("  ")
      if source > 0 {
        line.add(TextWidth.left(TextWidth.cutInside(tuple.tuple.sourceText, to: source), source) + " → ", .dim)
      }
      line.add(TextWidth.cutInside(tuple.destination, to: max(1, name + 2 - line.width)))
      line.pad(to: name + 2)
      if bar > 0 {
        line.add("  ")
        line.add(
          Bar.line(PressureLevel.share(headroom: tuple.headroom, capacity: namespace.capacity ?? namespace.connectCapacity), width: bar))
      }
      let level = namespace.level(of: tuple)
      line.add(TextWidth.right(NumberText.count(tuple.held), 8), level == .ok ? .text : level.role)
      if hasRate {
        let rate = state.history.rate(namespace.name, tuple.tuple)
        line.add(TextWidth.right(NumberText.rate(rate), 8), (rate ?? 0) > 0.05 ? .text : .dim)
      }
      if hasLeft { line.add(TextWidth.right(NumberText.count(tuple.headroom), 8)) }
      if hasReturning {
        for (seconds, width) in [(15, 9), (60, 6)] {
          let count = tuple.returning(within: seconds)
          line.add(TextWidth.right(count == 0 ? "·" : NumberText.count(count), width), count == 0 ? .dim : .text)
        }
      }
      return line
    }
  }
}
