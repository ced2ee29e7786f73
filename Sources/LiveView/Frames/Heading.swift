internal import PortModel
internal import Terminal

/// The lines at the top: the host, and how its pools are.
enum Heading {
  static func title(_ state: LiveState, _ columns: Int) -> StyledLine {
    var line = StyledLine(" portpool", .heading)
    line.add("  ")
    line.add(state.subject, .strong)
    if let namespace = state.namespace, let count = state.snapshot?.namespaces.count, count > 1 {
      line.add(" · \(namespace.name)")
    }
    var right = StyledLine()
    if state.isPaused { right.add("paused ", .warning) } else if state.failure != nil { right.add("stale ", .critical) }
    if let snapshot = state.snapshot { right.add(NumberText.clock(snapshot.time), .dim) }
    right.add(" ")
    var whole = line
    if let namespace = state.namespace, let range = namespace.range {
      whole.add(" · ports \(range.first)–\(range.last)", .dim)
      if let capacity = namespace.capacity, capacity < range.count {
        whole.add(" less \(NumberText.count(range.count - capacity)) reserved", .dim)
      }
    }
    return (whole.width + right.width < columns ? whole : line).with(right: right, columns: columns)
  }

  /// What went wrong; otherwise how the fullest pool is.
  ///
  /// - Returns: one line, or as many as an error's words need, at most `height`.
  static func message(_ state: LiveState, _ columns: Int, _ height: Int) -> [StyledLine] {
    if let failure = state.failure { return warning(failure.description, .critical, columns, height) }
    if let problem = state.snapshot?.problems.first { return warning(problem, .warning, columns, height) }
    return [verdict(state)]
  }

  private static func warning(_ text: String, _ role: Style.Role, _ columns: Int, _ height: Int) -> [StyledLine] {
    TextWidth.wrapped(text, to: columns - 4, lines: height).enumerated().map {
      StyledLine(($0.offset == 0 ? " ! " : "   ") + $0.element, role)
    }
  }

  private static func verdict(_ state: LiveState) -> StyledLine {
    guard state.snapshot != nil else { return StyledLine(" looking …", .dim) }
    // Of equals the first is shown: the chosen namespace.
    let candidates = ([state.namespace].compactMap(\.self) + state.orderedNamespaces).compactMap { namespace in
      namespace.worstPool.map { (namespace, $0) }
    }
    guard let (namespace, pool) = candidates.max(by: { $0.1.share < $1.1.share }) else { return StyledLine() }
    let place = namespace.name == state.namespace?.name ? "" : "\(namespace.name): "
    if pool.share == 0 { return StyledLine(" Every pool has room: no port is in use.", .dim) }
    let share = pool.share < 0.01 && pool.share > 0 ? "less than 1%" : NumberText.percent(pool.share)
    guard pool.level >= .warning else {
      return StyledLine(" Every pool has room: the fullest, \(place)\(pool.id.title), is \(share) used.", .dim)
    }
    var text = " \(place)\(pool.id.title) is \(share) used: \(NumberText.count(pool.headroom)) left before \(pool.id.error)"
    if let rate = state.history.rate(namespace.name, pool.id), rate > 0, Double(pool.headroom) / rate < 3600 {
      text += ", in \(NumberText.duration(Double(pool.headroom) / rate)) at this rate"
    }
    return StyledLine(text + ".", pool.level.role)
  }
}
