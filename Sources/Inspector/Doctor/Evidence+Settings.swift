internal import PortModel
internal import Scraper

extension Evidence {
  var narrowFinding: Finding? {
    guard let settings = namespace.settings, let capacity = namespace.capacity, capacity < Self.narrowCapacity else { return nil }
    return Finding(
      "narrow-pool", .notice, "The pool has \(counted(capacity, "port")), far fewer than the kernel's default of 28,232.",
      evidence: [
        "ip_local_port_range is \(settings.range.first)–\(settings.range.last), \(grouped(settings.reservedInRange)) of them reserved"
      ],
      remedy: betterRange == nil ? ["Reserve fewer ports."] : ["Widen the range."], settings: rangeLines)
  }

  var parityFinding: Finding? {
    guard let range = namespace.settings?.range, range.hasEqualParity else { return nil }
    return Finding(
      "range-parity", .notice,
      "Both ends of the range are \(range.first & 1 == 0 ? "even" : "odd"): the two halves that connect() and bind() try first differ in size.",
      evidence: [
        "ip_local_port_range is \(range.first)–\(range.last), \(grouped(range.count)) ports; the kernel logs \"prefer different parity for start/end values\""
      ], remedy: ["Let the ends differ in parity."], settings: rangeLines)
  }

  var conntrackFullFinding: Finding? {
    guard let conntrack, conntrack.share >= 0.8 else { return nil }
    let isFull = conntrack.used >= conntrack.limit
    return Finding(
      "conntrack-full", isFull ? .critical : .warning,
      isFull
        ? "The connection tracking table is full: packets of new connections are dropped, which looks like a time-out."
        : "The connection tracking table is nearly full; when it is, packets of new connections are dropped.",
      evidence: [
        "nf_conntrack_count = \(grouped(Int(clamping: conntrack.used))), nf_conntrack_max = \(grouped(Int(clamping: conntrack.limit)))"
      ],
      remedy: ["Raise the limit: an entry takes about 320 bytes. Or do not track what needs no tracking (notrack)."],
      settings: [SysctlLine("net.netfilter.nf_conntrack_max", "\(max(conntrack.used, conntrack.limit) * 2)")])
  }

  var conntrackDroppingFinding: Finding? {
    let lost = [("insert_failed", watched.insertFailed), ("drop", watched.dropped), ("early_drop", watched.droppedEarly)].filter {
      $0.1 > 0
    }
    guard !lost.isEmpty else { return nil }
    return Finding(
      "conntrack-dropping", .critical, "Connection tracking is losing packets of new connections now.",
      evidence: [lost.map { "\($0.0) rose by \($0.1)" }.joined(separator: ", ") + " in \(Self.text(watched.seconds))"],
      remedy: [
        "insert_failed: address translation finds no free port for a destination (a pool of its own), or two packets raced; translate to more addresses.",
        "drop and early_drop: the table is full; raise nf_conntrack_max.",
      ],
      settings: conntrack.map { [SysctlLine("net.netfilter.nf_conntrack_max", "\(max($0.used, $0.limit) * 2)")] } ?? [])
  }
}
