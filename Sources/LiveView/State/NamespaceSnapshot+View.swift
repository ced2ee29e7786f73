internal import PortModel

/// What the sections show of a namespace; empty where it is not known, and then its section is missing.
extension NamespaceSnapshot {
  /// The fullest tuples.
  var tuples: [TupleHeadroom] { connect?.tuples ?? [] }

  /// How many tuples hold a port; ``tuples`` may list fewer.
  var tupleCount: Int { connect?.tupleCounts.values.reduce(0, +) ?? 0 }

  /// Ports that a connect() can be given: what a tuple's headroom is a part of.
  var connectCapacity: Int { connect?.capacity ?? 0 }

  private var connect: ConnectHeadroom? { tcp?.pressure?.connect }

  func usage(of transport: TransportProtocol) -> PortUsage? {
    switch transport {
    case .tcp: tcp?.pressure?.usage
    case .udp: udp?.pressure?.usage
    }
  }

  /// Its owner, and whether its sockets were only counted: `pod 7f3a…, little used: 12 TCP and 3 UDP sockets`.
  var note: String {
    guard let visit else { return "" }
    let identity = visit.identity
    var parts = [
      identity.name, identity.pod.isEmpty ? "" : "pod \(identity.pod)",
      identity.container.isEmpty ? "" : "container \(identity.container.prefix(12))", identity.unit,
    ].filter { !$0.isEmpty }
    if !visit.isWalked { parts.append("little used: \(visit.totals.tcp) TCP and \(visit.totals.udp) UDP sockets") }
    return parts.joined(separator: ", ")
  }
}

extension TupleHeadroom {
  /// `10.0.0.9:5432` or `[2001:db8::9]:5432`.
  var destination: String { tuple.destinationText }
}
