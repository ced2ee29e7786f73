internal import PortModel

/// Translated ports: a card for each protocol in use, the worst tuples, and the ports of the worst one.
extension StatusPage {
  func addTranslation(of namespace: NamespaceSnapshot, isDrawn: Bool, to html: inout HTML) {
    guard let snat = namespace[Snat.self], let table = snat.table, !table.tuples.isEmpty else { return }
    html.element(.h3, text: "Translated ports")
    html.element(.ul, ["class": "pools"]) { html in
      for family in AddressFamily.allCases {
        for transport in TrackedProtocol.translated {
          if let worst = table.worst[Snat.PoolKey(transport, family)] { addCard(worst, in: namespace, to: &html) }
        }
      }
    }
    if isDrawn, let map = table.map, let worst = table.tuples.first, let range = worst.range {
      let cells = map.cells(in: range)
      add(PortUsage(map: cells), PortMapDrawing(first: Int(range.first), uses: cells), named: worst.title, to: &html)
    }
    addTuples(table.tuples.prefix(15), to: &html)
    html.element(.p, ["class": "note"], text: "Source of the port ranges: \(snat.originText)")
  }

  private func addCard(_ use: SnatUse, in namespace: NamespaceSnapshot, to html: inout HTML) {
    let (capacity, headroom) = (use.capacity ?? 0, use.headroom ?? 0)
    html.element(.li, attributes("pool", of: .translation(use), in: namespace)) { html in
      html.element(.h4) { html in
        html.text("\(use.tuple.transport.name.uppercased()) over \(use.tuple.family == .ipv4 ? "IPv4" : "IPv6") ")
        html.element(.span, ["class": "tag"], text: use.level.words)
      }
      html.element(.p) { html in
        html.element(.strong, text: Snat.text(chance: use.failure))
        html.text(" of new connections find no port")
      }
      addBar(headroom: headroom, capacity: capacity, to: &html)
      html.element(.p, text: "\(use.used.grouped) of \(capacity.grouped) in use · \(use.tuple.arrow)")
      html.element(.p, ["class": "trend"])
    }
  }

  private func addTuples(_ tuples: some Collection<SnatUse>, to html: inout HTML) {
    addTable("Worst translated tuples", to: &html) { html in
      for title in ["Protocol", "Translated to", "To"] { html.element(.th, ["class": "l", "scope": "col"], text: title) }
      for title in ["In use", "Of", "Left", "Closing", "Fails"] { html.element(.th, ["scope": "col"], text: title) }
    } rows: { html in
      for use in tuples {
        html.element(.tr, ["class": use.level.rawValue]) { html in
          html.element(.td, ["class": "l"], text: use.tuple.transport.name.uppercased())
          html.element(.td, ["class": "l"], text: use.tuple.source.description)
          html.element(.th, ["class": "l", "scope": "row"], text: use.tuple.destinationText)
          html.element(.td, text: use.used.grouped)
          html.element(.td, text: use.capacity?.grouped ?? "?")
          html.element(.td, text: use.headroom?.grouped ?? "?")
          html.element(.td, text: use.closing.grouped)
          html.element(.td, text: use.chanceText)
        }
      }
    }
  }
}
