/// What a command prints for people: lines in sections.
package struct Page: Sendable, Hashable {
  package struct Section: Sendable, Hashable {
    let title: String
    let lines: [StyledLine]

    /// Lines under a title, indented.
    package init(_ title: String, _ lines: [StyledLine]) {
      self.title = title
      self.lines = lines
    }

    /// Lines that stand alone.
    package init(_ lines: [StyledLine]) { self.init("", lines) }
  }

  private let sections: [Section]

  /// Sections without lines are left out.
  package init(_ sections: [Section]) {
    self.sections = sections.filter { !$0.lines.isEmpty }
  }

  /// All lines, with an empty one between sections.
  package var lines: [StyledLine] {
    var lines: [StyledLine] = []
    for section in sections {
      if !lines.isEmpty { lines.append(StyledLine()) }
      guard !section.title.isEmpty else {
        lines += section.lines
        continue
      }
      lines.append(StyledLine(section.title, .dim))
      for line in section.lines {
        var indented = StyledLine()
        if line.width > 0 { indented.add("  ") }
        indented.add(line)
        lines.append(indented)
      }
    }
    return lines
  }
}
