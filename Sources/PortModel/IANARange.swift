/// The three ranges that IANA divides all ports into (RFC 6335 § 6): every port lies in exactly one.
///
/// They describe who assigns a port. They say nothing about exhaustion: only 11,848 of Linux's 28,232 pool ports are in ``dynamic``.
package enum IANARange: UInt8, Sendable, Hashable, CaseIterable {
  /// 0–1023: system ports, assigned by IANA, bound with `CAP_NET_BIND_SERVICE`.
  case wellKnown
  /// 1024–49151: user ports, registered with IANA on request.
  case registered
  /// 49152–65535: never assigned; for whoever needs a port for a while.
  case dynamic

  @inlinable
  package init(of port: Port) {
    self = port < 1024 ? .wellKnown : port < 49152 ? .registered : .dynamic
  }

  /// The label value: `well_known`, `registered` or `dynamic`.
  package var name: String {
    switch self {
    case .wellKnown: "well_known"
    case .registered: "registered"
    case .dynamic: "dynamic"
    }
  }

  package var ports: PortRange {
    switch self {
    case .wellKnown: PortRange(unchecked: 0, 1023)
    case .registered: PortRange(unchecked: 1024, 49151)
    case .dynamic: PortRange(unchecked: 49152, 65535)
    }
  }
}
