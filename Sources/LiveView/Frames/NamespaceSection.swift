internal import PortModel
internal import Terminal

/// Every network namespace with its fullest pool.
enum NamespaceSection {
  static func lines(_ state: LiveState, _ columns: Int, _ height: Int) -> [StyledLine] {
    guard height > 0 else { return [] }
    let namespaces = state.namespaces
    let offset = min(state.offset, max(0, namespaces.count - (height - 1)))
    let isShort = columns < 64
    let pool = isShort ? 10 : 19
    // Marker 2, gaps, percent 5, left 8.
    let note = columns >= 100 ? columns / 4 : 0
    let rest = columns - note - (2 + 1 + pool + 5 + 8 + 1)
    let name = max(6, min(40, rest * (isShort ? 1 : 3) / (isShort ? 1 : 5)))
    let bar = max(0, min(40, rest - name - 1))
    var header = StyledLine(" NAMESPACES", .heading)
    header.add(" \(NumberText.count(namespaces.count))", .dim)
    header = header.fitted(to: name + 2)
    header.pad(to: name + 3)
    header.add(TextWidth.left("fullest pool", pool), .dim)
    header.pad(to: name + 3 + pool + (bar > 3 ? bar + 1 : 0))
    header.add(TextWidth.right("used", 5) + TextWidth.right("left", 8), .dim)
    var lines = [header]
    for namespace in namespaces.dropFirst(offset).prefix(height - 1) {
      let isChosen = namespace.name == state.namespace?.name
      var line = StyledLine(isChosen ? "▸ " : "  ", .heading)
      line.add(TextWidth.left(TextWidth.cutInside(namespace.name, to: name), name) + " ", isChosen ? .strong : .text)
      if let fullest = namespace.worstPool {
        line.add(TextWidth.left(isShort ? fullest.id.shortTitle : fullest.id.title, pool), .dim)
        if bar > 3 {
          line.add(" ")
          line.add(Bar.line(fullest.share, width: bar))
        }
        line.add(TextWidth.right(NumberText.percent(fullest.share), 5) + TextWidth.right(NumberText.count(fullest.headroom), 8))
        if note > 0 { line.add("  " + TextWidth.cut(namespace.note, to: note - 2), .dim) }
      } else {
        line.add(namespace.note, .dim)
      }
      lines.append(line)
    }
    let remarks = (state.snapshot?.remarks ?? []).map { StyledLine("  \($0)", .dim) }
    return lines.count + remarks.count < height ? lines + [StyledLine()] + remarks : lines
  }
}
