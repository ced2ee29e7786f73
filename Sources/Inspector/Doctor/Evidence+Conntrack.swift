internal import PortModel

extension Evidence {
  var conntrackFullFinding: Finding? {
    guard let conntrack, conntrack.share >= 0.8 else { return nil }
    let isFull = conntrack.used >= conntrack.limit
    return Finding(
      "conntrack-full", isFull ? .critical : .warning,
      isFull
        ? "The connection tracking table is full: packets of new connections are dropped, which looks like a time-out."
        : "The connection tracking table is nearly full; when it is, packets of new connections are dropped, which looks like a time-out.",
      evidence: ["nf_conntrack_count = \(grouped(conntrack.used)), nf_conntrack_max = \(grouped(conntrack.limit))"],
      remedy: Self.limitRemedy + ["Or do not track what needs no tracking (notrack)."], settings: conntrackLines)
  }

  /// What was lost before anyone watched is history.
  var conntrackDroppingFinding: Finding? {
    let counters = [("insert_failed", watched.insertFailed), ("drop", watched.dropped), ("early_drop", watched.droppedEarly)]
    let risen = counters.filter { $0.1 > 0 }
    guard !risen.isEmpty else { return nil }
    let isFull = watched.droppedByFullTable > 0 || watched.droppedEarly > 0
    let isLosing = watched.droppedByFullTable > 0 || watched.insertFailed > 0
    return Finding(
      "conntrack-dropping", isLosing ? .critical : .warning,
      isLosing
        ? "Connection tracking is dropping packets of new connections now, which looks like a time-out."
        : "The connection tracking table is full: connections that nobody has answered are thrown out of it to make room.",
      evidence: ["\(risen.map { "\($0.0) rose by \(grouped($0.1))" }.joined(separator: ", ")) in \(Self.text(watched.seconds))"],
      remedy: (watched.insertFailed > 0
        ? [
          "insert_failed: address translation (SNAT, masquerade) found no free port for a destination, a pool of its own: translate to more addresses or a wider range of ports. A few are two packets that raced."
        ] : []) + (isFull ? Self.limitRemedy : []),
      settings: isFull ? conntrackLines : [])
  }

  private static let limitRemedy = [
    "Raise the limit: an entry takes about 320 bytes. It is one number for the whole host, which only the first namespace can set; each namespace counts its own entries against it.",
    "At boot the setting counts only where nf_conntrack is loaded before: name it in /etc/modules-load.d.",
  ]

  private var conntrackLines: [SysctlLine] {
    conntrack.map { [SysctlLine("net.netfilter.nf_conntrack_max", "\(min(max($0.used, $0.limit) * 2, UInt64(UInt32.max)))")] } ?? []
  }
}
