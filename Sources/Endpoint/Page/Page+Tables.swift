extension Page {
  /// The fullest tuples.
  func add(_ tuples: [PageTuple], to html: inout HTMLText) {
    guard let first = tuples.first else { return }
    html.markup(
      "<h3>Fullest destinations</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Fullest destinations\"><table>")
    html.markup("<thead><tr><th class=\"l\" scope=\"col\">From</th><th class=\"l\" scope=\"col\">To</th><th scope=\"col\">In use</th>")
    html.markup("<th class=\"l\" scope=\"col\"><span aria-hidden=\"true\"></span></th><th scope=\"col\">Left</th>")
    for returning in first.returning {
      html.markup("<th scope=\"col\">Back in ")
      html.number(returning.seconds)
      html.markup(" s</th>")
    }
    html.markup("</tr></thead>\n<tbody>\n")
    for tuple in tuples {
      html.markup("<tr class=\"")
      html.text(tuple.pressure.rawValue)
      html.markup("\"><td class=\"l\">")
      html.text(tuple.source)
      html.markup("</td><th class=\"l\" scope=\"row\">")
      html.text(tuple.destination.contains(":") ? "[\(tuple.destination)]:\(tuple.port)" : "\(tuple.destination):\(tuple.port)")
      html.markup("</th><td>")
      html.grouped(tuple.used)
      html.markup("</td><td>")
      addBar(part: tuple.capacity - min(tuple.headroom, tuple.capacity), whole: tuple.capacity, to: &html)
      html.markup("</td><td>")
      html.grouped(tuple.headroom)
      html.markup("</td>")
      for returning in tuple.returning {
        html.markup("<td>")
        html.grouped(returning.ports)
        html.markup("</td>")
      }
      html.markup("</tr>\n")
    }
    html.markup("</tbody></table></div>\n")
  }

  /// Listeners that should be reserved, and how.
  func add(_ listeners: [PageListener], to html: inout HTMLText) {
    guard !listeners.isEmpty else { return }
    html.markup(
      "<h3>Listeners to reserve</h3>\n<ul class=\"warnings\"><li>An outgoing connection can take these ports while their program ")
    html.markup("restarts. Add to net.ipv4.ip_local_reserved_ports: <code>")
    html.text(listeners.map { String($0.port) }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: ","))
    html.markup("</code></li></ul>\n")
    html.markup("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Listeners to reserve\"><table><thead><tr>")
    html.markup("<th class=\"l\" scope=\"col\">Protocol</th><th scope=\"col\">Port</th></tr></thead>\n<tbody>\n")
    for listener in listeners {
      html.markup("<tr><td class=\"l\">")
      html.text(listener.transport.uppercased())
      html.markup("</td><th scope=\"row\">")
      html.text(String(listener.port))
      html.markup("</th></tr>\n")
    }
    html.markup("</tbody></table></div>\n")
  }

  /// Settings and sources.
  func add(_ facts: [PageRow], to html: inout HTMLText) {
    guard !facts.isEmpty else { return }
    html.markup("<h3>Settings and sources</h3>\n<dl class=\"facts\">\n")
    for fact in facts {
      html.markup(fact.isGood ? "<div><dt>" : "<div class=\"off\"><dt>")
      html.text(fact.name)
      html.markup("</dt><dd>")
      html.text(fact.value)
      html.markup("</dd></div>\n")
    }
    html.markup("</dl>\n")
  }
}
