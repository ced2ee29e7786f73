extension Page {
  /// Pictures are drawn for so many namespaces; further ones have their bars and tables.
  private static let drawnNamespaces = 4

  /// One namespace: bars, pictures, tables.
  func add(_ namespace: PageNamespace, index: Int, to html: inout HTMLText) {
    html.markup("<section aria-labelledby=\"n")
    html.number(index)
    html.markup("\">\n<h2 id=\"n")
    html.number(index)
    html.markup("\">")
    html.text(model.namespaces.count > 1 || namespace.name != "host" ? "Namespace \(namespace.name)" : "What is left")
    html.markup("</h2>\n")
    addWarnings(namespace.warnings, to: &html)
    if !namespace.pools.isEmpty {
      html.markup("<ul class=\"pools\">\n")
      for pool in namespace.pools { add(pool, to: &html) }
      html.markup("</ul>\n")
    }
    if index < Self.drawnNamespaces {
      let maps = namespace.maps.filter { !$0.kinds.isEmpty }
      if !maps.isEmpty { html.markup("<h3>Every port of the range</h3>\n") }
      for map in maps { add(map, to: &html) }
    }
    add(namespace.tuples, to: &html)
    add(namespace.listeners, to: &html)
    add(namespace.facts, to: &html)
    html.markup("</section>\n")
  }

  private func add(_ pool: PagePool, to html: inout HTMLText) {
    html.markup("<li class=\"pool ")
    html.text(pool.pressure.rawValue)
    html.markup("\"><h4>")
    html.text(pool.name)
    html.markup(" <span class=\"tag\">")
    html.text(pool.pressure.words)
    html.markup("</span></h4><p><strong>")
    html.grouped(pool.headroom)
    html.markup("</strong> left before ")
    html.text(pool.error)
    html.markup("</p>")
    addBar(part: pool.capacity - min(pool.headroom, pool.capacity), whole: pool.capacity, to: &html)
    html.markup("<p>")
    html.text("\(HTMLText.grouped(pool.used)) of \(HTMLText.grouped(pool.capacity)) in use")
    if !pool.note.isEmpty { html.text(" · \(pool.note)") }
    html.markup("</p></li>\n")
  }

  /// A bar; the numbers stand beside it as text.
  func addBar(part: Int, whole: Int, to html: inout HTMLText) {
    // A thousandth of the whole as the unit: SVG attributes need no style, which the policy of the page would refuse.
    let width = whole > 0 ? min(1000, max(part > 0 ? 4 : 0, part * 1000 / whole)) : 0
    html.markup("<svg class=\"bar\" viewBox=\"0 0 1000 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"")
    html.number(width)
    html.markup("\" height=\"1\"/></svg>")
  }

  private func add(_ map: PortMap, to html: inout HTMLText) {
    let drawing = PortMapDrawing(map)
    let counts = map.counts
    html.markup("<figure><figcaption><b>")
    html.text("\(map.name) \(map.first) – \(map.last)")
    html.markup(
      "</b><span class=\"under\" aria-hidden=\"true\"></span></figcaption>\n<div class=\"map\"><div class=\"axis\" aria-hidden=\"true\">")
    for label in axis(drawing) {
      html.markup("<span>")
      html.number(label)
      html.markup("</span>")
    }
    html.markup("</div><svg role=\"img\" viewBox=\"0 0 256 ")
    html.number(drawing.rows)
    html.markup("\" data-first=\"")
    html.number(map.first)
    html.markup("\" data-last=\"")
    html.number(map.last)
    html.markup("\" aria-label=\"")
    let words = counts.filter { $0.count > 0 }.map { "\(HTMLText.grouped($0.count)) \($0.kind.name)" }.joined(separator: ", ")
    html.text("\(map.name) ports \(map.first) to \(map.last): \(words)")
    html.markup("\">\n")
    for (kind, count) in counts where kind != .free && count > 0 {
      let (data, isVertical) = drawing.path(of: kind)
      html.markup("<path class=\"")
      html.text(kind.name)
      html.markup("\" data-kind=\"")
      html.text(kind.name)
      html.markup(isVertical ? "\" data-v transform=\"translate(.5 0)\" d=\"" : "\" transform=\"translate(0 .5)\" d=\"")
      html.text(data)
      html.markup("\"/>\n")
    }
    addGrid(drawing, to: &html)
    html.markup("</svg></div>\n<ul class=\"legend\">\n")
    for (kind, count) in counts { addLegend(kind, count, of: map.kinds.count, to: &html) }
    html.markup("</ul></figure>\n")
  }

  /// Thin lines between the cells, and the cells outside the range taken away.
  private func addGrid(_ drawing: PortMapDrawing, to html: inout HTMLText) {
    html.markup("<path class=\"lines\" stroke-width=\".16\" d=\"")
    for column in 1..<PortMapDrawing.columns { html.text("M\(column) 0v\(drawing.rows)") }
    for row in 1..<max(drawing.rows, 2) { html.text("M0 \(row)h256") }
    html.markup("\"/>")
    if !drawing.outside.isEmpty {
      html.markup("<path class=\"outside\" transform=\"translate(0 .5)\" d=\"")
      html.text(drawing.outside)
      html.markup("\"/>")
    }
    html.markup("\n")
  }

  private func addLegend(_ kind: PortKind, _ count: Int, of whole: Int, to html: inout HTMLText) {
    html.markup(count == 0 ? "<li class=\"zero\"><span class=\"swatch " : "<li><span class=\"swatch ")
    html.text(kind.name)
    html.markup("\"></span><span><b>")
    html.grouped(count)
    html.markup("</b> ")
    html.text(kind.name)
    html.markup(" <span class=\"note\">")
    html.text(kind.note)
    html.markup("</span></span></li>\n")
  }

  /// Five ports along the side, evenly apart.
  private func axis(_ drawing: PortMapDrawing) -> [Int] {
    guard drawing.rows > 8 else { return drawing.rows > 1 ? [drawing.map.first, drawing.map.last] : [drawing.map.first] }
    return (0..<4).map { drawing.firstPort(ofRow: $0 * (drawing.rows - 1) / 4) } + [drawing.map.last]
  }
}
