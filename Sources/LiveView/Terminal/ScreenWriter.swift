package import Terminal

/// Turns frames into bytes for the terminal: only the lines that changed, so that a calm host sends next to nothing over a slow line.
package struct ScreenWriter: Sendable, Hashable {
  private let renderer: Renderer
  /// What the terminal shows; empty when that is not known.
  private var shown: [StyledLine] = []

  package init(_ colors: Look.Colors) {
    renderer = Renderer(colors)
  }

  /// Forgets what the terminal shows: after a change of size, and after other programs wrote to it.
  package mutating func forget() { shown = [] }

  /// The bytes that make the terminal show `frame`; empty when it does already.
  ///
  /// They are one synchronized update (private mode 2026), which terminals that do not know it pass over.
  package mutating func bytes(_ frame: Frame) -> [UInt8] {
    var text = ""
    let isNew = shown.count != frame.lines.count
    for (index, line) in frame.lines.enumerated() where isNew || shown[index] != line {
      // Behind a line that reaches the right edge the cursor stands on its last character, which erasing would take away.
      text += "\u{1B}[\(index + 1);1H" + renderer.text(line) + (line.width < frame.columns ? "\u{1B}[K" : "")
    }
    shown = frame.lines
    guard !text.isEmpty else { return [] }
    return Array(("\u{1B}[?2026h" + (isNew ? "\u{1B}[0m\u{1B}[2J" : "") + text + "\u{1B}[?2026l").utf8)
  }
}
