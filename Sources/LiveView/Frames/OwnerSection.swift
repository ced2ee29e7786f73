internal import PortModel
internal import Terminal

/// Who holds ports.
enum OwnerSection {
  static func lines(_ state: LiveState, _ namespace: NamespaceSnapshot, _ columns: Int, _ height: Int) -> [StyledLine] {
    guard height > 0 else { return [] }
    let owners = state.owners
    let offset = state.screen == .owners ? min(state.offset, max(0, owners.count - (height - 1))) : 0
    let name = max(1, min(48, columns - 12))
    let bar = max(0, min(40, columns - name - 14))
    var header = StyledLine(" OWNERS", .heading)
    header.add(" \(NumberText.count(owners.count))", .dim)
    header.pad(to: name + 2)
    header.add(TextWidth.right("ports", 8), .dim)
    var lines = [header]
    if owners.isEmpty, height > 1 {
      lines.append(StyledLine(state.filter.isEmpty ? "  No owner is known in this namespace." : "  Nothing matches the filter.", .dim))
    }
    for owner in owners.dropFirst(offset).prefix(height - 1) {
      var line = StyledLine("  " + TextWidth.left(TextWidth.cutInside(owner.owner, to: name), name))
      line.add(TextWidth.right(NumberText.count(owner.usedPorts), 8))
      if bar >= 8, let capacity = namespace.capacity, capacity > 0 {
        line.add("  ")
        line.add(Bar.line(Double(owner.usedPorts) / Double(capacity), width: bar))
      }
      lines.append(line)
    }
    return lines
  }
}
