package import PortModel

/// What stands on the ports of the range, for one transport.
package struct LiveUsage: Sendable, Hashable {
  package let transport: TransportProtocol
  /// The ports by what holds them.
  package let uses: [PortUse: Int]
  /// One cell for each port of the range, the first port first; empty where it is not known.
  package let map: [PortUse]

  package init(transport: TransportProtocol, uses: [PortUse: Int], map: [PortUse]) {
    self.transport = transport
    self.uses = uses
    self.map = map
  }

  /// Distinct ports with any socket.
  var used: Int { uses.values.reduce(0, +) }
}
