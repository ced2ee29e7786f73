/// The two transports that share one range of local ports.
package enum TransportProtocol: UInt8, Sendable, Hashable, CaseIterable {
  case tcp
  case udp

  /// The label value: `tcp` or `udp`.
  package var name: String { self == .tcp ? "tcp" : "udp" }
}
