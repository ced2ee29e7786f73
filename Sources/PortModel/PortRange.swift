/// An inclusive, never empty range of ports, such as `32768 60999` in `ip_local_port_range`: 28,232 ports, not 28,231.
package struct PortRange: Sendable, Hashable {
  package let first: Port
  package let last: Port

  /// `nil` when `first` is above `last`.
  @inlinable
  package init?(first: Port, last: Port) {
    guard first <= last else { return nil }
    self.first = first
    self.last = last
  }

  /// The number of ports, 1 to 65,536.
  @inlinable package var count: Int { Int(last) - Int(first) + 1 }

  @inlinable
  package func contains(_ port: Port) -> Bool { first <= port && port <= last }
}

extension PortRange: CustomStringConvertible {
  /// `32768-60999`, or `10097` for a range of one port.
  package var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}

extension PortRange {
  /// Linux's default `net.ipv4.ip_local_port_range`.
  ///
  /// Kernel: `inet_net_init_net` in `net/ipv4/af_inet.c`.
  package static let linuxDefault = PortRange(unchecked: 32768, 60999)

  /// For constants whose order is plain to see.
  init(unchecked first: Port, _ last: Port) {
    self.first = first
    self.last = last
  }
}
