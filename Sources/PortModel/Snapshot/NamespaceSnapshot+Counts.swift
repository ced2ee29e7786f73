/// Sockets of one transport, family, IANA range and state.
package struct SocketCount: Sendable, Hashable {
  package let transport: TransportProtocol
  package let family: AddressFamily
  package let range: IANARange
  /// The label value, such as `time_wait`.
  package let state: String
  package let count: Int
}

/// Sockets of one transport in a range that the user named.
package struct NamedRangeCount: Sendable, Hashable {
  package let transport: TransportProtocol
  package let range: NamedRange
  package let count: Int
}

extension NamespaceSnapshot {
  /// Every combination that the source can see, zeros included, in a fixed order.
  package var socketCounts: [SocketCount] {
    var result: [SocketCount] = []
    for (transport, counts) in countsByTransport {
      var states = transport == .tcp ? Self.tcpStates : [.established, .close]
      if transport == .tcp, tcp?.seesBoundOnly == true { states.append(.close) }
      for family in AddressFamily.allCases {
        for range in IANARange.allCases {
          for state in states {
            // Both kinds of half-open connection have one name.
            let extra = state == .synReceived ? counts[family, range, .newSynReceived] : 0
            result.append(
              SocketCount(
                transport: transport, family: family, range: range, state: state.name(transport),
                count: counts[family, range, state] + extra))
          }
          let unnamed = counts.total(family, range) - result.suffix(states.count).reduce(0) { $0 + $1.count }
          result.append(SocketCount(transport: transport, family: family, range: range, state: "unknown", count: unnamed))
        }
      }
    }
    return result
  }

  /// Sockets in the ranges that the user named.
  package var namedRangeCounts: [NamedRangeCount] {
    countsByTransport.flatMap { transport, counts in
      zip(counts.namedRanges, counts.namedCounts).map { NamedRangeCount(transport: transport, range: $0, count: $1) }
    }
  }

  private var countsByTransport: [(TransportProtocol, SocketCounts)] {
    [(TransportProtocol.tcp, tcp?.sockets), (.udp, udp?.sockets)].compactMap { transport, counts in counts.map { (transport, $0) } }
  }

  private static let tcpStates: [SocketState] = [
    .established, .synSent, .synReceived, .finWait1, .finWait2, .timeWait, .closeWait, .lastACK, .listen, .closing,
  ]
}
