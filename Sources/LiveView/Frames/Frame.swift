package import Terminal

/// What the terminal shows: a function of the state and the size, and of nothing else.
package struct Frame: Sendable, Hashable {
  /// As many as the terminal has rows, none wider than it.
  package let lines: [StyledLine]
  /// The terminal's width.
  package let columns: Int

  package init(_ state: LiveState, _ size: TerminalSize, _ look: Look) {
    let (columns, rows) = (max(1, size.columns), max(1, size.rows))
    var lines: [StyledLine] = [Heading.title(state, columns)]
    if rows >= 3 {
      if rows >= 6 || state.failure != nil { lines += Heading.message(state, columns, rows < 8 ? 1 : 3) }
      let height = rows - lines.count - 1
      let body = state.showsHelp ? HelpSection.lines(height) : Body.lines(state, columns, height, look)
      lines += body.prefix(height)
      while lines.count < rows - 1 { lines.append(StyledLine()) }
      lines.append(Footer.line(state, columns))
    }
    self.columns = columns
    lines += repeatElement(StyledLine(), count: max(0, rows - lines.count))
    self.lines = lines.prefix(rows).map { look.isASCII ? ASCII.line($0.fitted(to: columns)) : $0.fitted(to: columns) }
  }

  /// The text alone, a line each.
  package var text: String { lines.map { $0.text + "\n" }.joined() }
}
