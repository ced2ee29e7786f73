/// What is left for `bind` to port 0: each local address has a pool of its own.
///
/// Kernel: `inet_csk_bind_conflict` and `inet_rcv_saddr_equal` in `net/ipv4/inet_connection_sock.c`.
package struct BindHeadroom: Sendable, Hashable {
  /// For `0.0.0.0`: every socket that is not IPv6-only is in the way.
  package let wildcard: Int
  /// For a dual-stack `[::]`: every socket is in the way.
  package let wildcardIPv6: Int
  /// Local addresses with sockets of their own on pool ports, least headroom first.
  package let addresses: [Address]
  /// Whether ``addresses`` has every such address; there are at most 256, and 4,096 where they were counted in the kernel.
  package let isComplete: Bool
  /// For an IPv4 address without sockets of its own, and for such an IPv6 address.
  package let other: Int
  package let otherIPv6: Int

  /// One local address.
  package struct Address: Sendable, Hashable {
    package let address: IPAddress
    package let headroom: Int

    package init(address: IPAddress, headroom: Int) {
      self.address = address
      self.headroom = headroom
    }
  }

  package init(wildcard: Int, wildcardIPv6: Int, addresses: [Address], isComplete: Bool, other: Int, otherIPv6: Int) {
    self.wildcard = wildcard
    self.wildcardIPv6 = wildcardIPv6
    self.addresses = addresses
    self.isComplete = isComplete
    self.other = other
    self.otherIPv6 = otherIPv6
  }
}
