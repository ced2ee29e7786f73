internal import PortModel

/// What stands first: the worst of all, and a line for each namespace.
extension StatusPage {
  /// What is closest to its end, where it is, who holds it, and when ports come back.
  func addSummary(_ worst: (namespace: NamespaceSnapshot, shortage: Shortage?)?, to html: inout HTML) {
    guard let worst, let shortage = worst.shortage else {
      html.element(.section, ["class": "hero critical", "aria-label": "Summary"]) { html in
        html.element(.p, ["class": "big"], text: "Nothing could be read")
      }
      return
    }
    let namespace = worst.namespace
    html.element(.section, attributes("hero", of: shortage, in: namespace, label: "Summary")) { html in
      html.element(.p) { html in html.element(.span, ["class": "tag"], text: shortage.level.words) }
      html.element(.p, ["class": "big"], text: shortage.headline)
      html.element(.p, ["class": "what"]) { html in
        html.element(
          .a, ["href": "#\(namespace.anchor)"], text: snapshot.namespaces.count == 1 ? namespace.name : "Namespace \(namespace.name)")
        html.text(" · \(shortage.facts.joined(separator: " · "))")
      }
      html.element(.p, ["class": "trend"])
      guard shortage.level > .ok else { return }
      if let text = namespace.returnText(of: shortage) { html.element(.p, text: text) }
      addHolders(of: namespace, to: &html)
    }
  }

  /// Who holds the ports, or the command that tells.
  private func addHolders(of namespace: NamespaceSnapshot, to html: inout HTML) {
    let owners = (namespace.owners ?? []).filter { $0.usedPorts > 0 }.prefix(3)
    if !owners.isEmpty {
      html.element(.p, text: "Ports are held by \(owners.map { "\($0.title) (\($0.usedPorts.grouped))" }.joined(separator: ", ")).")
    }
    if let command = help[namespace.name]?.holdersCommand {
      html.element(.p) { html in
        html.text(owners.isEmpty ? "Who holds them: " : "The programs: ")
        html.element(.code, text: command)
      }
    }
    if help[namespace.name]?.titles.isEmpty == false {
      html.element(.p) { html in html.element(.a, ["href": "#\(namespace.anchor)-help"], text: "What helps") }
    }
  }

  /// A line for each namespace, the worst first; nothing where there is one only.
  func addOverview(_ namespaces: [(namespace: NamespaceSnapshot, shortage: Shortage?)], to html: inout HTML) {
    guard namespaces.count > 1 else { return }
    html.element(.h2, text: "Namespaces")
    addTable("Namespaces", to: &html) { html in
      html.element(.th, ["class": "l", "scope": "col"], text: "Namespace")
      html.element(.th, ["scope": "col"], text: "Left")
      for title in ["State", "Closest to exhaustion", "Owner"] { html.element(.th, ["class": "l", "scope": "col"], text: title) }
    } rows: { html in
      for (namespace, shortage) in namespaces {
        html.element(.tr, ["class": shortage?.level.rawValue]) { html in
          html.element(.th, ["class": "l", "scope": "row"]) { html in
            html.element(.a, ["href": "#\(namespace.anchor)"], text: namespace.name)
          }
          html.element(.td, text: shortage?.leftText ?? "")
          html.element(.td, ["class": "l"]) { html in
            if let shortage {
              html.element(.span, ["class": "tag"], text: shortage.level.words)
            } else {
              html.text(namespace.stateWithoutPools)
            }
          }
          html.element(.td, ["class": "l"], text: (shortage?.facts.prefix(2) ?? []).joined(separator: " · "))
          html.element(.td, ["class": "l"], text: namespace.ownerText)
        }
      }
    }
    if let census = snapshot.census?.text { html.element(.p, ["class": "note"], text: census) }
  }

  /// The attributes of an element that shows a shortage: the script keeps what is left while the page is open, and shows how it changes.
  func attributes(_ kind: String, of shortage: Shortage, in namespace: NamespaceSnapshot, label: String? = nil) -> HTML.Attributes {
    [
      "class": "\(kind) \(shortage.level.rawValue)", "data-pool": "\(namespace.name) \(shortage.key)", "data-left": "\(shortage.left)",
      "data-capacity": "\(shortage.capacity)", "aria-label": label,
    ]
  }
}

extension Shortage {
  /// `3,103 more before EADDRNOTAVAIL`, `Exhausted: connect() over IPv4 fails with EADDRNOTAVAIL`
  fileprivate var headline: String {
    switch self {
    case .pool(let pool):
      level == .exhausted
        ? "Exhausted: \(pool.id.title) fails with \(pool.id.error)" : "\(pool.headroom.grouped) more before \(pool.id.error)"
    case .translation(let use):
      level == .exhausted ? "Exhausted: new connections find no port" : "\(use.chanceText) of new connections find no port"
    }
  }

  /// Which pool, its worst destination, and how much of it is used.
  fileprivate var facts: [String] {
    switch self {
    case .pool(let pool):
      [pool.id.title, pool.worst?.arrow].compactMap(\.self) + ["\(pool.used.grouped) of \(pool.capacity.grouped) ports in use"]
    case .translation(let use):
      ["translated \(use.tuple.transport.name.uppercased())", use.tuple.arrow]
        + ["\(use.used.grouped) of \(use.capacity.map(\.grouped) ?? "an unknown number of") ports in use"]
    }
  }

  /// What the overview says is left; nothing where it is not known of how many.
  fileprivate var leftText: String {
    switch self {
    case .pool(let pool): pool.headroom.grouped
    case .translation(let use): use.headroom?.grouped ?? ""
    }
  }

  /// Names it among those of its namespace.
  fileprivate var key: String {
    switch self {
    case .pool(let pool): pool.id.rawValue
    case .translation(let use): "snat/\(use.tuple.transport.name)/\(use.tuple.family.name)"
    }
  }

  fileprivate var capacity: Int {
    switch self {
    case .pool(let pool): pool.capacity
    case .translation(let use): use.capacity ?? 0
    }
  }
}

extension NamespaceSnapshot {
  /// The name as the identifier of an element, and as a fragment of its address: what is no letter, digit, dot, hyphen or underscore becomes `~` and
  /// two hexadecimal digits.
  var anchor: String {
    "ns-"
      + name.utf8.map { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
          String(Unicode.Scalar(byte))
        default: "~" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
      }.joined()
  }

  /// Whose namespace it is, as far as that is known: `web-1, pod 2c48913c-…, nginx.service`.
  var ownerText: String {
    guard let identity = visit?.identity else { return "" }
    return [
      identity.name == name ? "" : identity.name, identity.pod.isEmpty ? "" : "pod \(identity.pod)",
      identity.container.isEmpty ? "" : "container \(identity.container.prefix(12))", identity.unit,
    ].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// What there is to say of a namespace whose pools are not known.
  var stateWithoutPools: String {
    guard let visit, !visit.isWalked else { return "could not be read" }
    return "little used: \(visit.totals.tcp) TCP and \(visit.totals.udp) UDP sockets"
  }

  /// When ports of the worst destination come back; `nil` for pools in which TIME_WAIT holds none.
  fileprivate func returnText(of shortage: Shortage) -> String? {
    guard case .pool(let pool) = shortage, let tuple = tcp?.pressure?.connect.worst[pool.id.family], pool.worst == tuple.tuple else {
      return nil
    }
    let returns = zip(TupleHeadroom.returnTimes, tuple.returning).filter { $0.1 > 0 }
    guard let last = returns.last else {
      return "None of its ports is in TIME_WAIT: they come back when programs close their connections."
    }
    let first = returns[0]
    let soon = first.0 == last.0 ? "" : "\(first.1.grouped) within \(first.0) s, "
    return "Ports come back from TIME_WAIT: \(soon)\(last.1.grouped) within \(last.0) s."
  }
}

extension OwnerUsage {
  /// The owner for people: `nginx.service`, `all other owners`.
  var title: String {
    switch owner {
    case Self.other: "all other owners"
    case Self.none: "no owner (TIME_WAIT and the like)"
    case Self.unknown: "unknown"
    case "/": "programs outside of any unit or container"
    default: owner
    }
  }
}

extension NamespaceCensus {
  /// Which namespaces are not listed; `nil` if all are.
  fileprivate var text: String? {
    let parts = [
      (skipped, "beyond --namespaces.max"), (excluded, "left out by --namespaces.include and --namespaces.exclude"),
      (unreadable, "that the exporter may not enter"),
    ].filter { $0.0 > 0 }.map { "\($0.0.grouped) \($0.1)" }
    return parts.isEmpty ? nil : "Not listed: \(parts.joined(separator: ", "))."
  }
}
