internal import PortModel
internal import Terminal

/// What was refused for want of a port on the whole host: the cases with the most.
enum RefusalSection {
  /// The cases that are shown in the overview, and the header above them.
  static let overviewRows = 4

  /// None while nothing is refused.
  static func lines(_ snapshot: PoolSnapshot?, _ columns: Int, _ height: Int) -> [StyledLine] {
    guard height > 1, let snapshot, let refusals = snapshot.refusals, !refusals.cases.isEmpty else { return [] }
    // Two at the left edge; the program, how often, and how long ago.
    let hasProgram = columns >= 60
    let name = max(1, columns - 2 - (hasProgram ? 18 : 0) - 10 - 10)
    var header = StyledLine(refusals.isLowerBound ? " REFUSED (at least)" : " REFUSED", .heading)
    header.pad(to: name + 2)
    header.add((hasProgram ? "  " + TextWidth.left("program", 16) : "") + TextWidth.right("times", 10) + TextWidth.right("ago", 10), .dim)
    return [header]
      + refusals.cases.prefix(height - 1).map { each in
        var line = StyledLine("  ")
        let title = each.namespace == snapshot.own?.name ? each.title : "\(each.namespace): \(each.title)"
        let age = max(0, snapshot.time - each.last)
        line.add(TextWidth.left(TextWidth.cutInside(title, to: name), name), age < 300 ? .critical : .text)
        if hasProgram { line.add("  " + TextWidth.left(TextWidth.cutInside(each.program, to: 16), 16)) }
        line.add(TextWidth.right(NumberText.count(each.count), 10) + TextWidth.right(NumberText.duration(Double(age)), 10))
        return line
      }
  }
}
