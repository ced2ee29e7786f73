package import PortModel

/// Calls that failed for want of a port while somebody watched.
extension Evidence {
  package struct Refused: Sendable, Hashable {
    package let counts: Refusals.Counts
    /// The most first.
    package let cases: [Refusals.Case]
    /// Calls of the whole host of which nothing is known.
    package let missed: UInt64

    package init(counts: Refusals.Counts, cases: [Refusals.Case], missed: UInt64 = 0) {
      self.counts = counts
      self.cases = cases
      self.missed = missed
    }

    /// What was refused in one namespace.
    init(_ refusals: Refusals, in namespace: String) {
      self.init(
        counts: refusals[namespace: namespace]?.counts ?? Refusals.Counts(), cases: refusals.cases.filter { $0.namespace == namespace },
        missed: refusals.missed ?? 0)
    }
  }

  /// How many cases a finding names.
  private static let refusedLimit = 5

  var refusedFinding: Finding? {
    guard let refused, refused.counts.total > 0 else { return nil }
    let connects = refused.counts[.connect] + refused.counts[.connectBound]
    var calls = connects > 0 ? ["\(counted(connects, "connect()", plural: "calls of connect()"))"] : []
    if refused.counts[.bind] > 0 { calls.append(counted(refused.counts[.bind], "bind()", plural: "calls of bind()")) }
    if refused.counts[.udp] > 0 { calls.append(counted(refused.counts[.udp], "UDP socket")) }
    let more = refused.cases.count - Self.refusedLimit
    let bound = refused.missed > 0 ? "at least " : ""
    return Finding(
      "ports-refused", .critical, "Programs are being refused ports now: \(bound)\(listed(calls)) in \(Self.text(watched.seconds)).",
      evidence: refused.cases.prefix(Self.refusedLimit).map {
        "\($0.title): refused \(counted($0.count, "time")), to \(printable($0.program))"
      } + (more > 0 ? ["and \(counted(more, "more case"))"] : [])
        + (refused.missed > 0 ? ["\(counted(refused.missed, "call")) for a port on this host went unseen, successful or not"] : []),
      remedy: refusedRemedy(refused), settings: rangeLines)
  }

  /// What the kinds have in common is that ports are missing; other findings name who holds them.
  private func refusedRemedy(_ refused: Refused) -> [String] {
    var remedy: [String] = []
    if refused.counts[.connect] > 0 {
      remedy.append(
        "For connect(): keep connections open and reuse them, or connect to more addresses, or from more; each pair of addresses has all ports."
      )
    }
    if refused.counts[.connectBound] > 0 {
      remedy.append(
        "connect() of a socket that was bound to a port: another connection has it to the same destination. Leave the port to connect() (IP_BIND_ADDRESS_NO_PORT)."
      )
    }
    if refused.counts[.bind] > 0 || refused.counts[.udp] > 0 {
      remedy.append("bind() to port 0 and UDP need a port that no other socket on the address has: close sockets, or use fewer.")
    }
    return remedy + rangeRemedy
  }
}
