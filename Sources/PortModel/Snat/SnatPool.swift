/// The ports that a rule of address translation hands out.
///
/// `tcp masquerade to :40000-40099`: TCP, IPv4, whichever address the packet leaves from, 100 ports.
package struct SnatPool: Sendable, Hashable {
  /// The protocols that the rule is for; empty for all.
  package let transports: Set<TrackedProtocol>
  /// `nil` for both.
  package let family: AddressFamily?
  /// The addresses it translates to, the first and the last one; `nil` for that of the outgoing device.
  package let addresses: ClosedRange<IPAddress>?
  package let ports: Ports
  package let origin: Origin

  package init(
    transports: Set<TrackedProtocol> = [], family: AddressFamily? = nil, addresses: ClosedRange<IPAddress>? = nil, ports: Ports = .every,
    origin: Origin
  ) {
    self.transports = transports
    self.family = family
    self.addresses = addresses
    self.ports = ports
    self.origin = origin
  }

  package enum Ports: Sendable, Hashable {
    /// The rule names none, and the kernel takes those of the same kind as the client's: ``SnatPool/unprivileged`` for nearly all.
    case every
    case range(PortRange)
    /// They come from a map, so that no number of them is known.
    case unreadable
  }

  /// How the ports are known.
  package enum Origin: String, Sendable, Hashable, CaseIterable {
    /// Read from the rules of nftables or iptables.
    case rules
    /// Given with `--snat-range`.
    case option
    /// The kernel's default, since the rules may not be read.
    case assumed
    /// There are rules whose ports come from a map.
    case unreadable
  }

  /// What clients on ports from 1024 on get where a rule names no ports. Those on lower ports get lower ports.
  ///
  /// Kernel: `nf_nat_l4proto_unique_tuple` in `net/netfilter/nf_nat_core.c`.
  package static let unprivileged = PortRange(unchecked: 1024, 65535)

  /// The ports for `transport`; `nil` if they are not known.
  package func range(for transport: TrackedProtocol) -> PortRange? {
    switch ports {
    case .every: transport == .icmp ? PortRange(unchecked: 0, 65535) : Self.unprivileged
    case .range(let range): range
    case .unreadable: nil
    }
  }

  /// Whether the rule can translate to `source` over `transport`, as far as that shows in the rule.
  package func serves(_ transport: TrackedProtocol, _ source: IPAddress) -> Bool {
    (transports.isEmpty || transports.contains(transport)) && (family == nil || family == source.family)
      && (addresses == nil || addresses?.contains(source) == true)
  }

  /// What the kernel does without any port in a rule, where rules cannot be read.
  package static let assumed = SnatPool(origin: .assumed)
}
