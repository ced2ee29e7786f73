/// The page at `/`.
struct Page {
  let model: PageModel
  let links: PageLinks

  /// Headers of the page beside its type.
  static let headers: [(name: String, value: String)] = [
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
  ]

  /// The whole document.
  func html() -> [UInt8] {
    var html = HTMLText()
    html.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
    html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Portpool · ")
    html.text(model.host)
    html.markup("</title>\n</head>\n<body>\n<h1>Portpool</h1>\n<p><a href=\"")
    html.text(links.metrics)
    html.markup("\">Metrics</a> <a href=\"")
    html.text(links.snapshot)
    html.markup("\">JSON</a></p>\n")
    for namespace in model.namespaces { add(namespace, to: &html) }
    html.markup("</body>\n</html>\n")
    return html.bytes
  }

  private func add(_ namespace: PageNamespace, to html: inout HTMLText) {
    html.markup("<section>\n<h2>")
    html.text(namespace.name)
    html.markup("</h2>\n<table>\n<thead><tr><th>Pool</th><th>Used</th><th>Capacity</th><th>Headroom</th></tr></thead>\n<tbody>\n")
    for pool in namespace.pools {
      html.markup("<tr><td>")
      html.text(pool.name)
      for number in [pool.used, pool.capacity, pool.headroom] {
        html.markup("</td><td>")
        html.grouped(number)
      }
      html.markup("</td></tr>\n")
    }
    html.markup("</tbody>\n</table>\n</section>\n")
  }
}
