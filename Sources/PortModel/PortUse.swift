/// What stands on one port of the range. Every port has exactly one use: a held port the first of ``held`` that fits.
package enum PortUse: UInt8, Sendable, Hashable, CaseIterable {
  /// A TCP socket in LISTEN.
  case listener
  /// A TCP socket bound to a port of its choice or not connected; an unconnected UDP socket.
  case bound
  /// A connection whose other end is on this host too.
  case local
  /// A connection to another host.
  case client
  /// Only sockets without an owner, such as TIME_WAIT.
  case closing
  /// Nothing: the kernel can hand the port out.
  case free
  /// In `net.ipv4.ip_local_reserved_ports`: never handed out.
  case reserved

  /// The uses of a port that some socket holds: a partition of the used ports.
  package static let held: [PortUse] = [.listener, .bound, .local, .client, .closing]

  /// The label value, such as `listener`; also the class in the page's style sheet.
  package var name: String {
    switch self {
    case .listener: "listener"
    case .bound: "bound"
    case .local: "local"
    case .client: "client"
    case .closing: "closing"
    case .free: "free"
    case .reserved: "reserved"
    }
  }

  /// What the name means, for a legend.
  package var explanation: String {
    switch self {
    case .listener: "waits for connections"
    case .bound: "bound, not connected"
    case .local: "both ends on this host"
    case .client: "outgoing connections"
    case .closing: "TIME_WAIT and the like"
    case .free: "can be handed out"
    case .reserved: "never handed out"
    }
  }

  /// The letter of the use in a port map written as text: `.480LC3`.
  package var letter: Character {
    switch self {
    case .listener: "L"
    case .bound: "B"
    case .local: "H"
    case .client: "C"
    case .closing: "T"
    case .free: "."
    case .reserved: "R"
    }
  }
}

/// The used pool ports of one transport by what holds them, as counts and as a map.
package struct PortUsage: Sendable, Hashable {
  /// Distinct pool ports with any socket; the sum of all ``PortUse/held`` uses.
  package let used: Int
  private let counts: [Int]
  private let kept: PortMap

  /// The use of each port of the range, the first port first; empty where only the counts are known.
  package var map: [PortUse] { kept.uses }

  package subscript(use: PortUse) -> Int { counts[Int(use.rawValue)] }

  /// The usage that `map` shows.
  package init(map: [PortUse]) {
    let kept = PortMap(map)
    self.init(counts: kept.counts, kept)
  }

  /// A usage of which only the counts are known.
  package init(counts: [PortUse: Int]) {
    self.init(counts: PortUse.allCases.map { counts[$0] ?? 0 }, PortMap([]))
  }

  private init(counts: [Int], _ kept: PortMap) {
    self.counts = counts
    self.kept = kept
    used = PortUse.held.reduce(0) { $0 + counts[Int($1.rawValue)] }
  }
}

/// The use of each port, kept as each use and how often it repeats, or port by port where that takes less: most namespaces use few of their ports, and a
/// snapshot of hundreds of them holds a map of each.
private enum PortMap: Sendable, Hashable {
  struct Run: Sendable, Hashable {
    let use: PortUse
    let count: UInt16
  }

  case runs([Run])
  case ports([PortUse])

  init(_ uses: [PortUse]) {
    var runs: [Run] = []
    var start = 0
    while start < uses.count {
      let use = uses[start]
      let limit = min(uses.count, start + Int(UInt16.max))
      var end = start + 1
      while end < limit, uses[end] == use { end += 1 }
      runs.append(Run(use: use, count: UInt16(end - start)))
      guard runs.count * MemoryLayout<Run>.stride <= uses.count else {
        self = .ports(uses)
        return
      }
      start = end
    }
    self = .runs(runs)
  }

  /// How many ports there are of each use.
  var counts: [Int] {
    var counts = [Int](repeating: 0, count: PortUse.allCases.count)
    switch self {
    case .ports(let uses): for use in uses { counts[Int(use.rawValue)] += 1 }
    case .runs(let runs): for run in runs { counts[Int(run.use.rawValue)] += Int(run.count) }
    }
    return counts
  }

  var uses: [PortUse] {
    switch self {
    case .ports(let uses): uses
    case .runs(let runs): runs.flatMap { repeatElement($0.use, count: Int($0.count)) }
    }
  }
}
