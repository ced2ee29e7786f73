internal import PortModel
internal import Terminal

/// The line at the bottom: what can be pressed, or what is being typed.
enum Footer {
  static func line(_ state: LiveState, _ columns: Int) -> StyledLine {
    if state.isEditingFilter {
      var line = StyledLine(" /", .heading)
      line.add(state.filter, .strong)
      line.add("▏")
      return line.with(right: StyledLine("enter keeps · esc clears ", .dim), columns: columns)
    }
    var line = StyledLine()
    for (key, meaning) in hints(state) {
      guard line.width + 3 + key.count + meaning.count <= columns else { break }
      line.add(line.width == 0 ? " " : "  ")
      line.add(key, .strong)
      line.add(" \(meaning)", .dim)
    }
    return line
  }

  /// The most needed first: what does not fit is left out.
  private static func hints(_ state: LiveState) -> [(String, String)] {
    if state.showsHelp { return [("any key", "back"), ("q", "quit")] }
    var hints = [("q", "quit"), ("?", "help")]
    hints.append(("p", state.isPaused ? "resume" : "pause"))
    hints.append(("/", state.filter.isEmpty ? "filter" : "filter: \(TextWidth.cut(state.filter, to: 20))"))
    hints.append(("s", "sort"))
    hints.append(("tab", "pool"))
    if (state.snapshot?.namespaces.count ?? 0) > 1 { hints.append(("n", "namespace")) }
    let screens = state.screens
    if let last = screens.last { hints.append(("1-\(last.rawValue)", state.screen.title)) }
    return hints
  }
}
