import Inspector
import Terminal

extension PortReport {
  /// All that the command prints, as on a screen without colours: the page, then the lines about other namespaces.
  var wholeText: String {
    page.text
      + elsewhere.enumerated().map { Renderer.plain.text(lines(about: $1, isFirst: $0 == 0)) }.joined()
  }
}
