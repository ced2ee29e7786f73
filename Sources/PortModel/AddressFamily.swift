/// The family of a socket's address. An IPv4-mapped IPv6 address counts as IPv4, because it shares IPv4's tuples.
package enum AddressFamily: UInt8, Sendable, Hashable, CaseIterable {
  case ipv4
  case ipv6

  /// The label value: `ipv4` or `ipv6`.
  package var name: String { self == .ipv4 ? "ipv4" : "ipv6" }
}
