/// What address translation looks a free port up for: a port may be used once for each tuple.
///
/// `tcp 10.2.0.1 → 10.2.0.100:80`: the address translated to, and the real destination behind any translation of it. After DNAT that is the endpoint,
/// not the service.
///
/// Kernel: `nf_nat_used_tuple` in `net/netfilter/nf_nat_core.c`.
package struct SnatTuple: Sendable, Hashable {
  package let transport: TrackedProtocol
  /// The address translated to.
  package let source: IPAddress
  package let destination: IPAddress
  /// 0 for ICMP.
  package let destinationPort: Port
  /// The conntrack zone of the replies.
  package let zone: UInt16

  @inlinable
  package init(transport: TrackedProtocol, source: IPAddress, destination: IPAddress, destinationPort: Port, zone: UInt16 = 0) {
    self.transport = transport
    self.source = source
    self.destination = destination
    self.destinationPort = destinationPort
    self.zone = zone
  }

  /// Written out, so that other modules inline it.
  @inlinable package static func == (left: SnatTuple, right: SnatTuple) -> Bool {
    left.destination == right.destination && left.destinationPort == right.destinationPort && left.source == right.source
      && left.transport == right.transport && left.zone == right.zone
  }

  package var family: AddressFamily { source.family }

  /// `10.2.0.1 → 10.2.0.100:80`, `10.2.0.1 → 10.2.0.100`, with ` zone 5` where it is not the usual one.
  package var arrow: String { "\(source) → \(destinationText)" + (zone == 0 ? "" : " zone \(zone)") }

  /// The destination with its port, if it has one, or that it is not to be shown.
  package var destinationText: String {
    if isPeerHidden { return Tuple.hiddenPeer }
    return transport == .icmp ? destination.description : destination.description(port: destinationPort)
  }

  /// Whether the destination was taken out by ``withoutPeer``.
  package var isPeerHidden: Bool { destination.isWildcard && destinationPort == 0 }

  /// The tuple with the unspecified address of its family, and port 0, as its destination.
  package var withoutPeer: SnatTuple {
    SnatTuple(transport: transport, source: source, destination: destination.unspecified, destinationPort: 0, zone: zone)
  }
}

extension SnatTuple: Comparable {
  package static func < (left: SnatTuple, right: SnatTuple) -> Bool {
    (left.transport.rawValue, left.source, left.destination, left.destinationPort, left.zone)
      < (right.transport.rawValue, right.source, right.destination, right.destinationPort, right.zone)
  }
}
