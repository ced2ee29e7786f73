internal import Kernel

/// Turns lines into what a terminal takes: the one place that writes escape sequences into text.
package struct Renderer: Sendable, Hashable {
  /// `nil` for plain text without a single sequence.
  private let colors: Look.Colors?

  package init(_ colors: Look.Colors?) {
    self.colors = colors
  }

  package static let plain = Renderer(nil)

  /// For standard output: coloured on a terminal that has colours, unless `NO_COLOR` refuses them; plain everywhere else.
  package static var standardOutput: Renderer {
    guard StandardOutput.isTerminal, let look = Look.current, look.colors != .none else { return .plain }
    return Renderer(look.colors)
  }

  /// A line's text with its styles; no style is left on at its end.
  package func text(_ line: StyledLine) -> String {
    line.runs.map { run in
      let parameters = colors.map { Palette.parameters(run.style, $0) } ?? ""
      return parameters.isEmpty ? run.text : "\u{1B}[\(parameters)m\(run.text)\u{1B}[0m"
    }.joined()
  }

  /// The lines, each with a line feed.
  package func text(_ lines: [StyledLine]) -> String { lines.map { text($0) + "\n" }.joined() }

  package func bytes(_ page: Page) -> [UInt8] { Array(text(page.lines).utf8) }
}

/// A message for whoever watches standard error: `portpool: …`, with what it quotes made printable.
package enum Message {
  package static func write(_ text: String) { StandardError.write("portpool: \(PrintableText(text).text)\n") }
}
