/// The page at `/`: the pools as bars, every port as a cell of a picture, and what to do. One document without anything from elsewhere.
struct Page {
  let model: PageModel
  let links: PageLinks

  /// Headers of the page beside its type. The policy allows this document's own style and script, by their hashes, and nothing else.
  static let headers: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; style-src \(ContentHash.source(of: PageStyle.text)); script-src \(ContentHash.source(of: PageScript.text)); "
        + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    ("Referrer-Policy", "no-referrer"),
  ]

  /// The whole document.
  func html() -> [UInt8] {
    var html = HTMLText()
    html.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
    html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    if model.refreshSeconds > 0 {
      html.markup("<noscript><meta http-equiv=\"refresh\" content=\"")
      html.number(model.refreshSeconds)
      html.markup("\"></noscript>\n")
    }
    html.markup("<title>")
    html.text(title)
    html.markup("</title>\n<link rel=\"icon\" href=\"data:image/svg+xml,")
    html.markup("%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 4' shape-rendering='crispEdges'%3E%3Cpath fill='%232f6fde' ")
    html.markup(
      "d='M0 0h2v2H0zM3 0h1v1H3zM2 2h2v1H2zM0 3h1v1H0z'/%3E%3Cpath fill='%23d6408c' d='M2 0h1v2H2zM1 2h1v2H1z'/%3E%3C/svg%3E\">\n")
    html.markup("<style>")
    html.trusted(PageStyle.text)
    html.markup("</style>\n</head>\n<body data-refresh=\"")
    html.number(model.refreshSeconds)
    html.markup("\">\n")
    addHeader(to: &html)
    html.markup("<main class=\"wrap\">\n<p id=\"problem\" role=\"status\"></p>\n<div id=\"content\">\n")
    addSummary(to: &html)
    addWarnings(model.warnings, to: &html)
    for (index, namespace) in model.namespaces.enumerated() { add(namespace, index: index, to: &html) }
    html.markup("<footer>Portpool ")
    html.text(model.version)
    html.markup(" · read at <time datetime=\"")
    html.text(model.time)
    html.markup("\">")
    html.text(model.time)
    html.markup("</time></footer>\n</div>\n</main>\n<script>")
    html.trusted(PageScript.text)
    html.markup("</script>\n</body>\n</html>\n")
    return html.bytes
  }

  private var title: String {
    guard let worst = model.worstPool else { return "Portpool · \(model.host)" }
    return "\(HTMLText.grouped(worst.headroom)) left · \(model.host) · Portpool"
  }

  private func addHeader(to html: inout HTMLText) {
    html.markup(
      "<header><div class=\"wrap\"><p class=\"brand\"><svg viewBox=\"0 0 4 4\" aria-hidden=\"true\" shape-rendering=\"crispEdges\">")
    html.markup("<path fill=\"#2f6fde\" d=\"M0 0h2v2H0zM3 0h1v1H3zM2 2h2v1H2zM0 3h1v1H0z\"/>")
    html.markup("<path fill=\"#d6408c\" d=\"M2 0h1v2H2zM1 2h1v2H1z\"/></svg>Portpool</p><span class=\"host\">")
    html.text(model.host)
    html.markup("</span><nav aria-label=\"Data\"><a href=\"")
    html.text(links.metrics)
    html.markup("\">Metrics</a><a href=\"")
    html.text(links.snapshot)
    html.markup("\">JSON</a>")
    html.markup("<button id=\"pause\" type=\"button\" aria-pressed=\"false\" hidden>Pause</button></nav></div></header>\n")
  }

  /// The number that matters most, first.
  private func addSummary(to html: inout HTMLText) {
    guard let worst = model.worstPool else {
      html.markup("<section class=\"hero bad\" aria-label=\"Summary\"><p class=\"big\">Nothing could be read</p></section>\n")
      return
    }
    html.markup("<section class=\"hero ")
    html.text(worst.pressure.rawValue)
    html.markup("\" aria-label=\"Summary\"><p><span class=\"tag\">")
    html.text(worst.pressure.words)
    html.markup("</span></p><p class=\"big\">")
    html.grouped(worst.headroom)
    html.markup(" more before ")
    html.text(worst.error)
    html.markup("</p><p class=\"what\">")
    html.text(worst.name)
    if !worst.note.isEmpty { html.text(" · \(worst.note)") }
    html.text(" · \(HTMLText.grouped(worst.used)) of \(HTMLText.grouped(worst.capacity)) ports in use")
    html.markup("</p></section>\n")
  }

  func addWarnings(_ warnings: [PageWarning], to html: inout HTMLText) {
    guard !warnings.isEmpty else { return }
    html.markup("<ul class=\"warnings\" aria-label=\"Warnings\">\n")
    for warning in warnings {
      html.markup("<li>")
      html.text(warning.text)
      if !warning.remedy.isEmpty {
        html.markup("<code>")
        html.text(warning.remedy)
        html.markup("</code>")
      }
      html.markup("</li>\n")
    }
    html.markup("</ul>\n")
  }
}
