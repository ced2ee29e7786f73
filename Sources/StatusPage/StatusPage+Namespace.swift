internal import PortModel

extension StatusPage {
  /// Pictures are drawn for at most this many namespaces, those under the most pressure; the rest have their bars and tables.
  static let drawnNamespaces = 8

  /// One namespace: bars, what helps, pictures, tables.
  ///
  /// - Parameter isDrawn: whether every port is drawn.
  func add(_ namespace: NamespaceSnapshot, isDrawn: Bool, to html: inout HTML) {
    html.element(.section, ["id": namespace.anchor, "aria-labelledby": "\(namespace.anchor)-title"]) { html in
      let isOnly = snapshot.namespaces.count == 1 && namespace.name == "host"
      html.element(.h2, ["id": "\(namespace.anchor)-title"], text: isOnly ? "What is left" : "Namespace \(namespace.name)")
      let owner = namespace.ownerText
      if !owner.isEmpty { html.element(.p, ["class": "note"], text: owner) }
      add(namespace.outcomes.compactMap(\.problem).map { Warning(text: $0) }, to: &html)
      guard namespace.visit?.isWalked != false else {
        html.element(.p, ["class": "note"], text: namespace.stateWithoutPools)
        return
      }
      if !namespace.pools.isEmpty {
        html.element(.ul, ["class": "pools"]) { html in
          for pool in namespace.pools { add(pool, in: namespace, to: &html) }
        }
      }
      addHelp(for: namespace, to: &html)
      if isDrawn { addMaps(of: namespace, to: &html) }
      addTuples(of: namespace, to: &html)
      addOwners(of: namespace, to: &html)
      addTranslation(of: namespace, isDrawn: isDrawn, to: &html)
      addListeners(of: namespace, to: &html)
      addFacts(of: namespace, to: &html)
    }
  }

  private func add(_ pool: Pool, in namespace: NamespaceSnapshot, to html: inout HTML) {
    html.element(.li, attributes("pool", of: .pool(pool), in: namespace)) { html in
      html.element(.h4) { html in
        html.text("\(pool.id.title) ")
        html.element(.span, ["class": "tag"], text: pool.level.words)
      }
      html.element(.p) { html in
        let isExhausted = pool.level == .exhausted
        html.element(.strong, text: isExhausted ? "Exhausted" : pool.headroom.grouped)
        html.text(isExhausted ? " fails with \(pool.id.error)" : " left before \(pool.id.error)")
      }
      addBar(headroom: pool.headroom, capacity: pool.capacity, to: &html)
      html.element(.p, text: "\(pool.used.grouped) of \(pool.capacity.grouped) in use" + (pool.worst.map { " · \($0.arrow)" } ?? ""))
      if let uncertainty = pool.uncertainty { html.element(.p, ["class": "uncertain"], text: uncertainty) }
      html.element(.p, ["class": "trend"])
    }
  }

  /// What is wrong, and what to do about it.
  private func addHelp(for namespace: NamespaceSnapshot, to html: inout HTML) {
    guard let help = help[namespace.name], !help.titles.isEmpty else { return }
    html.element(.h3, ["id": "\(namespace.anchor)-help"], text: "What helps")
    html.element(.div, ["class": "help"]) { html in
      for title in help.titles { html.element(.p, ["class": "finding"], text: title) }
      html.element(.ul) { html in
        for remedy in help.remedies { html.element(.li, text: remedy) }
      }
      for command in help.commands { html.element(.p) { html in html.element(.code, text: command) } }
    }
  }

  /// Who holds the pool ports.
  private func addOwners(of namespace: NamespaceSnapshot, to html: inout HTML) {
    let owners = (namespace.owners ?? []).filter { $0.usedPorts > 0 }
    guard let most = owners.map(\.usedPorts).max() else { return }
    html.element(.h3, text: "Who holds the ports")
    addTable("Who holds the ports", to: &html) { html in
      html.element(.th, ["class": "l", "scope": "col"], text: "Unit, container or pod")
      html.element(.th, ["scope": "col"], text: "Ports")
      html.element(.th, ["class": "l bars", "scope": "col"]) { html in html.element(.span, ["aria-hidden": "true"]) }
    } rows: { html in
      for owner in owners {
        html.element(.tr, ["class": "share"]) { html in
          html.element(.th, ["class": "l", "scope": "row"], text: owner.title)
          html.element(.td, text: owner.usedPorts.grouped)
          html.element(.td, ["class": "bars"]) { html in addBar(headroom: most - owner.usedPorts, capacity: most, to: &html) }
        }
      }
    }
  }

  /// A bar of what is not left; the numbers stand next to it as text.
  func addBar(headroom: Int, capacity: Int, to html: inout HTML) {
    let taken = capacity - min(headroom, capacity)
    // In thousandths of the whole: SVG attributes need no inline style, which the page's policy would refuse.
    let width = capacity > 0 ? min(1000, max(taken > 0 ? 4 : 0, taken * 1000 / capacity)) : 0
    html.element(.svg, ["class": "bar", "viewBox": "0 0 1000 1", "preserveAspectRatio": "none", "aria-hidden": "true"]) { html in
      html.empty(.rect, ["width": "\(width)", "height": "1"])
    }
  }

  /// The fullest tuples.
  private func addTuples(of namespace: NamespaceSnapshot, to html: inout HTML) {
    let tuples = (namespace.tcp?.pressure?.connect.tuples ?? []).prefix(15)
    let capacity = namespace.capacity ?? namespace.tcp?.pressure?.connect.capacity ?? 0
    guard !tuples.isEmpty else { return }
    html.element(.h3, text: "Fullest destinations")
    addTable("Fullest destinations", to: &html) { html in
      html.element(.th, ["class": "l", "scope": "col"], text: "From")
      html.element(.th, ["class": "l", "scope": "col"], text: "To")
      html.element(.th, ["scope": "col"], text: "In use")
      html.element(.th, ["class": "l bars", "scope": "col"]) { html in html.element(.span, ["aria-hidden": "true"]) }
      html.element(.th, ["scope": "col"], text: "Left")
      for seconds in TupleHeadroom.returnTimes { html.element(.th, ["scope": "col"], text: "Back in \(seconds) s") }
    } rows: { html in
      for tuple in tuples {
        let level = namespace.level(of: tuple)
        html.element(.tr, ["class": level.rawValue]) { html in
          html.element(.td, ["class": "l"], text: tuple.tuple.sourceText)
          html.element(
            .th, ["class": "l", "scope": "row"], text: tuple.tuple.destinationText)
          html.element(.td, text: tuple.used.grouped)
          html.element(.td, ["class": "bars"]) { html in addBar(headroom: tuple.headroom, capacity: capacity, to: &html) }
          html.element(.td, text: tuple.headroom.grouped)
          for seconds in TupleHeadroom.returnTimes { html.element(.td, text: tuple.returning(within: seconds).grouped) }
        }
      }
    }
  }

  /// Listeners on pool ports, which should be reserved, and how.
  private func addListeners(of namespace: NamespaceSnapshot, to html: inout HTML) {
    let listeners = [(TransportProtocol.tcp, namespace.tcp?.pressure?.listeners), (.udp, namespace.udp?.pressure?.listeners)]
      .flatMap { transport, ports in (ports?.ports ?? []).prefix(50).map { (transport: transport, port: $0) } }
    guard !listeners.isEmpty else { return }
    html.element(.h3, text: "Listeners to reserve")
    html.element(.ul, ["class": "warnings"]) { html in
      html.element(.li) { html in
        html.text("While its program restarts, an outgoing connection can take such a port. Add to net.ipv4.ip_local_reserved_ports: ")
        let ports = listeners.map(\.port).reduce(into: [Port]()) { if !$0.contains($1) { $0.append($1) } }
        html.element(.code, text: ports.map(String.init).joined(separator: ","))
      }
    }
    addTable("Listeners to reserve", to: &html) { html in
      html.element(.th, ["class": "l", "scope": "col"], text: "Protocol")
      html.element(.th, ["scope": "col"], text: "Port")
    } rows: { html in
      for listener in listeners {
        html.element(.tr) { html in
          html.element(.td, ["class": "l"], text: listener.transport.name.uppercased())
          html.element(.th, ["scope": "row"], text: "\(listener.port)")
        }
      }
    }
  }

  /// A table that scrolls by itself where it is wider than the page.
  func addTable(_ label: String, to html: inout HTML, head: (inout HTML) -> Void, rows: (inout HTML) -> Void) {
    html.element(.div, ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": label]) { html in
      html.element(.table) { html in
        html.element(.thead) { html in html.element(.tr, contents: head) }
        html.element(.tbody, contents: rows)
      }
    }
  }

  /// Settings and sources.
  private func addFacts(of namespace: NamespaceSnapshot, to html: inout HTML) {
    html.element(.h3, text: "Settings and sources")
    html.element(.dl, ["class": "facts"]) { html in
      if let settings = namespace.settings {
        let reserved = settings.reserved.ranges.map(\.description).joined(separator: ", ")
        addFact("ip_local_port_range", "\(settings.range.first) – \(settings.range.last)", to: &html)
        addFact("ip_local_reserved_ports", reserved.isEmpty ? "none" : reserved, to: &html)
        addFact("tcp_tw_reuse", settings.timeWaitReuse.words, to: &html)
      }
      if let tcp = namespace.tcp?.pressure {
        addFact("ports blocked for connect()", "\(tcp.blocked)", to: &html)
        addFact("ports bound before connect()", "\(tcp.bindFirst ?? tcp.wrongParity)", to: &html)
        addFact("headroom of connect()", tcp.exactness == .exact ? "exact" : "an upper bound", to: &html)
      }
      let source = snapshot.source
      addFact("sockets read from", source?.rawValue ?? "nowhere: nothing could be read", isGood: source != nil, to: &html)
    }
  }

  private func addFact(_ name: String, _ value: String, isGood: Bool = true, to html: inout HTML) {
    html.element(.div, ["class": isGood ? nil : "off"]) { html in
      html.element(.dt, text: name)
      html.element(.dd, text: value)
    }
  }
}

extension TimeWaitReuse {
  fileprivate var words: String {
    guard hasTimestamps else { return "\(mode.rawValue), without effect: tcp_timestamps is off" }
    return switch mode {
    case .never: "0 (never)"
    case .always: "1 (always, after \(delay) ms)"
    case .loopbackOnly: "2 (loopback only, after \(delay) ms)"
    default: "\(mode.rawValue)"
    }
  }
}
