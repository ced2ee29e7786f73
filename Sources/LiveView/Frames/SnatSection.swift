internal import PortModel
internal import Terminal

/// Translated ports: the worst tuples, and the chance that their next connection finds no port.
enum SnatSection {
  /// The tuples that are shown in the overview, and the header above them.
  static let overviewRows = 4

  /// None without translated connections.
  static func lines(_ namespace: NamespaceSnapshot, _ columns: Int, _ height: Int) -> [StyledLine] {
    let tuples = namespace[Snat.self]?.table?.tuples ?? []
    guard height > 1, !tuples.isEmpty else { return [] }
    // Two at the left edge; used, left and fails.
    let hasLeft = columns >= 44
    let name = max(1, columns - 2 - 8 - (hasLeft ? 8 : 0) - 8)
    var header = StyledLine(" TRANSLATED", .heading)
    header.pad(to: name + 2)
    header.add(TextWidth.right("used", 8) + (hasLeft ? TextWidth.right("left", 8) : "") + TextWidth.right("fails", 8), .dim)
    let shown = tuples.prefix(height - 1)
    return [header]
      + shown.map { use in
        var line = StyledLine("  " + TextWidth.left(TextWidth.cutInside(use.title, to: name), name))
        line.add(TextWidth.right(NumberText.count(use.used), 8))
        if hasLeft { line.add(TextWidth.right(use.headroom.map { NumberText.count($0) } ?? "?", 8)) }
        line.add(TextWidth.right(use.chanceText, 8), use.level == .ok ? .text : use.level.role)
        return line
      }
  }
}
