/// One line of a terminal: runs of text, each with a style.
///
/// Whatever names it shows, every character of it is printable, for text gets in through ``PrintableText`` only; escape sequences are the
/// ``Renderer``'s alone.
package struct StyledLine: Sendable, Hashable {
  package private(set) var runs: [Run] = []
  /// In columns.
  package private(set) var width = 0

  package struct Run: Sendable, Hashable {
    package let text: String
    package let style: Style

    fileprivate init(_ text: String, _ style: Style) {
      self.text = text
      self.style = style
    }
  }

  package init() {}

  package init(_ text: String, _ role: Style.Role = .text) { add(text, role) }

  /// The text alone, without blanks at its end.
  package var text: String {
    let scalars = runs.map(\.text).joined().unicodeScalars
    guard let last = scalars.lastIndex(where: { $0 != " " }) else { return "" }
    return String(scalars[...last])
  }

  package mutating func add(_ text: String, _ role: Style.Role = .text) { add(text, style: Style(role)) }

  package mutating func add(_ text: String, style: Style) { add(PrintableText(text), style: style) }

  mutating func add(_ printable: PrintableText, style: Style) {
    guard !printable.text.isEmpty else { return }
    width += printable.columns
    if let last = runs.last, last.style == style {
      runs[runs.count - 1] = Run(last.text + printable.text, style)
    } else {
      runs.append(Run(printable.text, style))
    }
  }

  package mutating func add(_ line: StyledLine) { for run in line.runs { add(run.text, style: run.style) } }

  /// Blanks up to column `column`.
  package mutating func pad(to column: Int, _ role: Style.Role = .text) {
    if column > width { add(String(repeating: " ", count: column - width), role) }
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
