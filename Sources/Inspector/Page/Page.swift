/// What a person reads, as lines in sections. Colour is the terminal's business.
package struct Page: Sendable, Hashable {
  package enum Emphasis: Sendable, Hashable {
    case plain, strong, faint, good, warning, bad
  }

  package struct Line: Sendable, Hashable {
    package let text: String
    package let emphasis: Emphasis

    package init(_ text: String, _ emphasis: Emphasis = .plain) {
      self.text = text
      self.emphasis = emphasis
    }
  }

  package struct Section: Sendable, Hashable {
    /// Empty for the lines at the top.
    package let title: String
    package let lines: [Line]

    package init(_ title: String, _ lines: [Line]) {
      self.title = title
      self.lines = lines
    }
  }

  package let sections: [Section]

  package init(_ sections: [Section]) {
    self.sections = sections.filter { !$0.lines.isEmpty }
  }

  /// The whole page, sections apart by an empty line, a line feed at the end.
  ///
  /// - Parameter decorate: adds colour to one line's text.
  package func text(_ decorate: (String, Emphasis) -> String = { text, _ in text }) -> String {
    sections.map { section in
      let title = section.title.isEmpty ? [] : [decorate(section.title, .faint)]
      let indent = section.title.isEmpty ? "" : "  "
      return (title + section.lines.map { $0.text.isEmpty ? "" : indent + decorate($0.text, $0.emphasis) }).joined(separator: "\n")
    }.joined(separator: "\n\n") + "\n"
  }
}
