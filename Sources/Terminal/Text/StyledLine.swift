/// One line of a frame: runs of text, each with a style. It never has a control character in it, whatever names it shows.
package struct StyledLine: Sendable, Hashable {
  package private(set) var runs: [Run] = []
  /// In columns.
  package private(set) var width = 0

  package struct Run: Sendable, Hashable {
    package let text: String
    package let style: Style
  }

  package init() {}

  package init(_ text: String, _ role: Style.Role = .text) { add(text, role) }

  /// The text alone, without blanks at its end.
  package var text: String {
    let text = runs.map(\.text).joined()
    return String(text[..<(text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex)])
  }

  package mutating func add(_ text: String, _ role: Style.Role = .text) { add(text, style: Style(role)) }

  package mutating func add(_ text: String, style: Style) {
    let text = TextWidth.printable(text)
    guard !text.isEmpty else { return }
    width += TextWidth.columns(text)
    if let last = runs.last, last.style == style {
      runs[runs.count - 1] = Run(text: last.text + text, style: style)
    } else {
      runs.append(Run(text: text, style: style))
    }
  }

  package mutating func add(_ line: StyledLine) { for run in line.runs { add(run.text, style: run.style) } }

  /// Blanks up to column `column`.
  package mutating func pad(to column: Int) {
    if column > width { add(String(repeating: " ", count: column - width)) }
  }

  /// The beginning of the line that fits into `columns`; what was cut off shows as `…`.
  package func fitted(to columns: Int) -> StyledLine {
    guard width > columns else { return self }
    var result = StyledLine()
    for run in runs {
      let left = columns - result.width
      if TextWidth.columns(run.text) < left {
        result.add(run.text, style: run.style)
      } else {
        // Always cut: the rest of the line does not fit either.
        result.add(TextWidth.cut(run.text + "…", to: left), style: run.style)
        break
      }
    }
    return result
  }

  /// This line, and `right` at the end of `columns` if there is room for both.
  package func with(right: StyledLine, columns: Int) -> StyledLine {
    guard width + 1 + right.width <= columns else { return fitted(to: columns) }
    var line = self
    line.pad(to: columns - right.width)
    line.add(right)
    return line
  }
}
