import Terminal

extension Page {
  /// The page as a file shows it.
  var text: String { Renderer.plain.text(lines) }
}
