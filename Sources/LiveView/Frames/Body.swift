internal import PortModel
internal import Terminal

/// What is between the heading and the footer: as many sections as fit.
enum Body {
  static func lines(_ state: LiveState, _ columns: Int, _ height: Int, _ look: Look) -> [StyledLine] {
    guard height > 0, let namespace = state.namespace else { return [] }
    switch state.screen {
    case .overview: return overview(state, namespace, columns, height, look)
    case .tuples: return TupleSection.lines(state, namespace, columns, height)
    case .ports: return PortSection.lines(state, namespace, columns, height, look, isWhole: true)
    case .owners: return OwnerSection.lines(state, namespace, columns, height)
    case .namespaces: return NamespaceSection.lines(state, columns, height)
    }
  }

  /// The pools always; then the tuples; then the port map and the owners, if the terminal has enough rows.
  private static func overview(
    _ state: LiveState, _ namespace: NamespaceSnapshot, _ columns: Int, _ height: Int, _ look: Look
  ) -> [StyledLine] {
    var lines = PoolSection.lines(state, namespace, columns, height)
    var left = height - lines.count
    guard left >= 3 else { return lines }
    let gap = left >= 12 ? 1 : 0
    var below: [[StyledLine]] = []
    if left >= 10 {
      let map = PortSection.lines(state, namespace, columns, min(12, left >= 20 ? left / 3 : left >= 13 ? 5 : 4), look)
      if !map.isEmpty { below.append(map) }
    }
    if left >= 20, !(namespace.owners ?? []).isEmpty { below.insert(OwnerSection.lines(state, namespace, columns, 5), at: 0) }
    if left >= 12 {
      let translated = SnatSection.lines(namespace, columns, SnatSection.overviewRows)
      if !translated.isEmpty { below.insert(translated, at: 0) }
    }
    if left >= 10 {
      let refused = RefusalSection.lines(state.snapshot, columns, RefusalSection.overviewRows)
      if !refused.isEmpty { below.insert(refused, at: 0) }
    }
    left -= below.reduce(0) { $0 + $1.count + gap } + gap
    let tuples = TupleSection.lines(state, namespace, columns, left)
    for section in [tuples] + below where !section.isEmpty {
      if gap > 0 { lines.append(StyledLine()) }
      lines += section
      // The map keeps its place while the list above it grows and shrinks.
      if section == tuples, !below.isEmpty { lines += repeatElement(StyledLine(), count: max(0, left - tuples.count)) }
    }
    return lines
  }
}
