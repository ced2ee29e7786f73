internal import PortModel

/// Translated ports. What fails is judged as the alerts judge it.
extension Evidence {
  /// How many tuples a finding names.
  private static let snatLimit = 3

  var snatFindings: [Finding] { [snatFailsFinding, snatDroppingFinding, snatHalfUsedFinding].compactMap { $0 } }

  private var snatFailing: [SnatUse] { snatTuples.filter { $0.failure > Snat.failureLimit } }

  private var snatTuples: [SnatUse] { namespace[Snat.self]?.table?.tuples ?? [] }

  private var snatFailsFinding: Finding? {
    guard let worst = snatFailing.first else { return nil }
    return Finding(
      "snat-search-fails", .critical,
      "Address translation finds no port for \(Snat.text(chance: worst.failure)) of the new connections of \(worst.title): their packets are dropped, which looks like a time-out.",
      evidence: lines(snatFailing), remedy: remedy(worst))
  }

  /// Without a search that can fail, what cannot be entered is a race, which `conntrack-dropping` names.
  private var snatDroppingFinding: Finding? {
    guard watched.insertFailed > 0, let worst = snatTuples.first, worst.failure > 0 else { return nil }
    return Finding(
      "snat-dropping", .critical, "Connections through address translation are being dropped now for want of a port.",
      evidence: ["insert_failed rose by \(grouped(watched.insertFailed)) in \(Self.text(watched.seconds))"] + lines([worst]),
      remedy: remedy(worst))
  }

  private var snatHalfUsedFinding: Finding? {
    let half = snatTuples.filter { $0.share > 0.5 && $0.failure <= Snat.failureLimit }
    guard let worst = half.first else { return nil }
    return Finding(
      "snat-half-used", .warning,
      "More than half of the ports that address translation has for \(worst.title) are taken; from about 60 % on new connections can fail.",
      evidence: lines(half), remedy: remedy(worst))
  }

  private func lines(_ uses: [SnatUse]) -> [String] {
    let shown = uses.prefix(Self.snatLimit).map { use in
      let closing = use.closing > 0 ? ", \(grouped(use.closing)) of them closing" : ""
      return
        "\(use.title): \(grouped(use.used)) of \(grouped(use.capacity ?? 0)) ports taken\(closing); a new connection fails with \(Snat.text(chance: use.failure))"
    }
    let more = uses.count - shown.count
    let origins = namespace[Snat.self]?.origins ?? []
    return shown + (more > 0 ? ["and \(counted(more, "more tuple"))"] : [])
      + (origins.contains(.assumed) ? ["The rules may not be read: the ports are assumed to be 1024–65535."] : [])
  }

  /// What helps this tuple, the quickest first.
  private func remedy(_ use: SnatUse) -> [String] {
    var remedy = ["Translate to more addresses: each is a pool of its own for every destination."]
    if isSolid(use) {
      remedy.append(
        "Add fully-random (iptables: --random-fully) to the rule: clients keep their own ports, which form one solid block, and a search that starts in it fails while others are free."
      )
    }
    if let capacity = use.capacity, capacity < SnatPool.unprivileged.count, use.tuple.transport != .icmp {
      remedy.append("Widen the rule's range of \(counted(capacity, "port")); without one it has \(grouped(SnatPool.unprivileged.count)).")
    }
    if use.closing * 4 > use.used {
      remedy.append(
        "A quarter of the ports or more belongs to closing connections: shorten net.netfilter.nf_conntrack_tcp_timeout_time_wait.")
    }
    remedy.append(
      use.tuple.transport == .tcp
        ? "Reuse connections, and shorten net.netfilter.nf_conntrack_tcp_timeout_established for idle ones: it is five days by default, and the namespace's own."
        : "Shorten the namespace's nf_conntrack_udp_timeout and nf_conntrack_udp_timeout_stream, or let clients send from one socket.")
    return remedy
  }

  /// Whether most of the taken ports lie in one row although the range is not nearly full: only the worst tuple has its map.
  private func isSolid(_ use: SnatUse) -> Bool {
    guard let table = namespace[Snat.self]?.table, table.tuples.first == use, let map = table.map, let range = use.range else {
      return false
    }
    return use.share < 0.9 && map.longestRun(in: range) * 4 >= use.used && range.count > SnatSearch.longestWindow
  }
}
