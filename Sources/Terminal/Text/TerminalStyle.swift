internal import Glibc
internal import Kernel

/// Colour for people, plain text for everything else.
package struct TerminalStyle: Sendable, Hashable {
  package let isColored: Bool

  /// Colour on a terminal, unless `NO_COLOR` is set (no-color.org) or the terminal is dumb.
  package static var standardOutput: TerminalStyle {
    let isRefused = unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
    let isDumb = unsafe getenv("TERM").map { unsafe String(cString: $0) == "dumb" } ?? true
    return TerminalStyle(isColored: StandardOutput.isTerminal && !isRefused && !isDumb)
  }

  package static let plain = TerminalStyle(isColored: false)

  package func bold(_ text: String) -> String { wrap(text, "1") }
  package func dim(_ text: String) -> String { wrap(text, "2") }
  package func red(_ text: String) -> String { wrap(text, "31") }
  package func yellow(_ text: String) -> String { wrap(text, "33") }
  package func green(_ text: String) -> String { wrap(text, "32") }

  private func wrap(_ text: String, _ code: String) -> String {
    isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
