/// One entry of the connection tracking table: a connection as its first packet had it, and as its replies are expected.
///
/// ```
/// original  10.1.0.2:46832 → 10.2.0.100:80     what the client sent
/// reply     10.2.0.100:80  → 10.2.0.1:40001    what comes back: translated to port 40001 of 10.2.0.1
/// ```
/// Kernel: `struct nf_conn` in `include/net/netfilter/nf_conntrack.h`.
package struct TrackedConnection: Sendable, Hashable {
  package let transport: TrackedProtocol
  package let original: Direction
  package let reply: Direction
  /// The state of a TCP connection; ``TrackedState/none`` for others, and where it does not show.
  package let state: TrackedState
  /// Neither a shorter timeout nor another connection removes it (`IPS_FIXED_TIMEOUT`).
  package let hasFixedTimeout: Bool
  /// Its packets pass by connection tracking, in software or in hardware.
  package let isOffloaded: Bool

  package init(
    transport: TrackedProtocol, original: Direction, reply: Direction, state: TrackedState = .none, hasFixedTimeout: Bool = false,
    isOffloaded: Bool = false
  ) {
    self.transport = transport
    self.original = original
    self.reply = reply
    self.state = state
    self.hasFixedTimeout = hasFixedTimeout
    self.isOffloaded = isOffloaded
  }

  /// The packets that go one way.
  package struct Direction: Sendable, Hashable {
    package let source: IPAddress
    package let destination: IPAddress
    /// For ICMP the identifier; 0 for protocols without ports.
    package let sourcePort: Port
    /// For ICMP the type, and below it the code.
    package let destinationPort: Port
    /// The conntrack zone that the direction is looked up in.
    package let zone: UInt16

    package init(source: IPAddress, destination: IPAddress, sourcePort: Port, destinationPort: Port, zone: UInt16 = 0) {
      self.source = source
      self.destination = destination
      self.sourcePort = sourcePort
      self.destinationPort = destinationPort
      self.zone = zone
    }
  }

  /// Whether the replies go elsewhere than the first packet came from, by address or by port.
  package var isSourceTranslated: Bool {
    if reply.destination != original.source { return true }
    return switch transport {
    case .tcp, .udp: reply.destinationPort != original.sourcePort
    case .icmp: reply.sourcePort != original.sourcePort
    case .other: false
    }
  }

  /// Whether a new connection that needs the port may evict this one, with some luck (Linux 6.5).
  ///
  /// Kernel: `nf_nat_used_tuple_harder` in `net/netfilter/nf_nat_core.c`.
  package var isClosing: Bool {
    (state == .timeWait || state == .close) && transport == .tcp && !hasFixedTimeout && !isOffloaded && isSourceTranslated
  }
}

/// The protocols that address translation hands ports out for.
package enum TrackedProtocol: UInt8, Sendable, Hashable, CaseIterable {
  case tcp
  case udp
  /// ICMP and ICMPv6, whose identifier takes the part of the port.
  case icmp
  /// Everything else: counted, and never by port.
  case other

  /// - Parameter number: the protocol of the IP header.
  package init(number: UInt8) {
    self =
      switch number {
      case 6: .tcp
      case 17: .udp
      case 1, 58: .icmp
      default: .other
      }
  }

  /// The label value.
  package var name: String {
    switch self {
    case .tcp: "tcp"
    case .udp: "udp"
    case .icmp: "icmp"
    case .other: "other"
    }
  }

  /// Those with a pool.
  package static let translated: [TrackedProtocol] = [.tcp, .udp, .icmp]
}

/// The state of a TCP connection in the eyes of connection tracking. Kernel: `enum tcp_conntrack`.
package struct TrackedState: RawRepresentable, Sendable, Hashable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let none = TrackedState(rawValue: 0)
  package static let established = TrackedState(rawValue: 3)
  package static let timeWait = TrackedState(rawValue: 7)
  package static let close = TrackedState(rawValue: 8)
}
