package import PortModel

/// The page at `/`: the pools as bars, every port as a cell of a picture, and what to do. One document that loads nothing from elsewhere.
package struct StatusPage: Sendable, Hashable {
  /// Something the reader should act on.
  package struct Warning: Sendable, Hashable {
    /// One sentence.
    package let text: String
    /// A command or a setting, shown as code; `nil` when the sentence says it all.
    package let remedy: String?

    package init(text: String, remedy: String? = nil) {
      self.text = text
      self.remedy = remedy
    }
  }

  /// What to do about a namespace whose pools run short.
  package struct Help: Sendable, Hashable {
    /// What is wrong, a sentence each, the worst first.
    package let titles: [String]
    /// What to do, a sentence each.
    package let remedies: [String]
    /// Commands that change settings at once.
    package let commands: [String]
    /// The command that names the programs behind the shortage; `nil` where nothing is short.
    package let holdersCommand: String?

    package init(titles: [String], remedies: [String] = [], commands: [String] = [], holdersCommand: String? = nil) {
      self.titles = titles
      self.remedies = remedies
      self.commands = commands
      self.holdersCommand = holdersCommand
    }
  }

  /// Where the page points to on its server, relative to the page: `./metrics` and `./api/v1/snapshot`.
  package struct Links: Sendable, Hashable {
    package let metrics: String
    package let snapshot: String

    package init(metrics: String, snapshot: String) {
      self.metrics = metrics
      self.snapshot = snapshot
    }
  }

  let snapshot: PoolSnapshot
  private let host: String
  private let version: String
  private let time: String
  private let warnings: [Warning]
  let help: [String: Help]
  private let links: Links
  private let refreshSeconds: Int

  /// The page of `snapshot`.
  ///
  /// - Parameters:
  ///   - host: the name of the host.
  ///   - version: the program's version: `0.3.0 (4f2a91c)`.
  ///   - time: when the snapshot was taken: `2026-01-02T03:04:05Z`.
  ///   - warnings: about the exporter itself, such as a listen port at risk.
  ///   - help: for namespaces by name.
  ///   - refreshSeconds: after how many seconds the page reloads itself; 0 is never.
  package init(
    _ snapshot: PoolSnapshot, host: String, version: String, time: String, warnings: [Warning] = [], help: [String: Help] = [:],
    links: Links,
    refreshSeconds: Int = 15
  ) {
    self.snapshot = snapshot
    self.host = host
    self.version = version
    self.time = time
    self.warnings = warnings
    self.help = help
    self.links = links
    self.refreshSeconds = refreshSeconds
  }

  /// The type of what ``html()`` returns.
  package static let contentType = "text/html; charset=utf-8"

  /// The whole document.
  package func html() -> [UInt8] {
    var html = HTML()
    html.element(.html, ["lang": "en"]) { html in
      addHead(to: &html)
      html.element(.body, ["data-refresh": "\(refreshSeconds)"]) { html in
        addHeader(to: &html)
        html.element(.main, ["class": "wrap"]) { html in
          html.element(.p, ["id": "problem", "role": "status"])
          html.element(.div, ["id": "content"]) { html in addContent(to: &html) }
        }
        html.embed(.script)
      }
    }
    return html.bytes
  }

  private func addHead(to html: inout HTML) {
    html.element(.head) { html in
      html.empty(.meta, ["charset": "utf-8"])
      html.empty(.meta, ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      if refreshSeconds > 0 {
        html.element(.noscript) { html in html.empty(.meta, ["http-equiv": "refresh", "content": "\(refreshSeconds)"]) }
      }
      html.element(.title, text: title)
      html.empty(.link, ["rel": "icon", "href": Brand.icon])
      html.embed(.style)
    }
  }

  private var title: String {
    let place = "\(host) · Portpool"
    guard let worst = snapshot.byPressure.first?.shortage else { return "Portpool · \(host)" }
    if worst.level == .exhausted { return "exhausted · \(place)" }
    return switch worst {
    case .pool(let pool): "\(pool.headroom.grouped) left · \(place)"
    case .translation(let use): "\(use.chanceText) fail · \(place)"
    }
  }

  private func addHeader(to html: inout HTML) {
    html.element(.header) { html in
      html.element(.div, ["class": "wrap"]) { html in
        html.element(.p, ["class": "brand"]) { html in
          html.element(.svg, ["viewBox": "0 0 4 4", "aria-hidden": "true", "shape-rendering": "crispEdges"]) { html in
            for (colour, cells) in Brand.cells { html.empty(.path, ["fill": "#\(colour)", "d": cells]) }
          }
          html.text("Portpool")
        }
        html.element(.span, ["class": "host"], text: host)
        html.element(.nav, ["aria-label": "Data"]) { html in
          html.element(.a, ["href": links.metrics], text: "Metrics")
          html.element(.a, ["href": links.snapshot], text: "JSON")
          html.element(.button, ["id": "pause", "type": "button", "aria-pressed": "false", "hidden": ""], text: "Pause")
        }
      }
    }
  }

  /// What the script replaces.
  private func addContent(to html: inout HTML) {
    let namespaces = snapshot.byPressure
    addSummary(namespaces.first, to: &html)
    add(warnings, to: &html)
    addRefusals(to: &html)
    addOverview(namespaces, to: &html)
    for (index, (namespace, shortage)) in namespaces.enumerated() {
      add(namespace, isDrawn: index == 0 || (index < Self.drawnNamespaces && shortage.map { $0.level > .ok } == true), to: &html)
    }
    html.element(.footer) { html in
      html.text("Portpool \(version) · read at ")
      html.element(.time, ["datetime": time], text: time)
      if snapshot.hidesPeers { html.text(" · peers are hidden (--no-web.peers)") }
    }
  }

  func add(_ warnings: [Warning], to html: inout HTML) {
    guard !warnings.isEmpty else { return }
    html.element(.ul, ["class": "warnings", "aria-label": "Warnings"]) { html in
      for warning in warnings {
        html.element(.li) { html in
          html.text(warning.text)
          if let remedy = warning.remedy { html.element(.code, text: remedy) }
        }
      }
    }
  }
}

/// The mark of the program: cells of a port map.
private enum Brand {
  static let cells = [("2f6fde", "M0 0h2v2H0zM3 0h1v1H3zM2 2h2v1H2zM0 3h1v1H0z"), ("d6408c", "M2 0h1v2H2zM1 2h1v2H1z")]

  /// The mark as a `data:` URL for the browser's tab.
  static var icon: String {
    let paths = cells.map { colour, cells in "%3Cpath fill='%23\(colour)' d='\(cells)'/%3E" }.joined()
    return
      "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 4' shape-rendering='crispEdges'%3E\(paths)%3C/svg%3E"
  }
}
