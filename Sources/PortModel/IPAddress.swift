/// An IPv4 or IPv6 address in 128 bits. IPv4 is kept in its mapped form, so `::ffff:10.0.0.9` and `10.0.0.9` are equal, as they are to the kernel's tuples.
package struct IPAddress: Sendable, Hashable {
  /// The first eight bytes, as a number in network order.
  package let high: UInt64
  /// The last eight bytes, as a number in network order.
  package let low: UInt64

  @inlinable
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// An IPv4 address as a number in network order: `0x7F00_0001` is 127.0.0.1.
  @inlinable
  package init(ipv4 address: UInt32) {
    self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(address))
  }

  /// Written out, so that other modules inline it.
  @inlinable package static func == (left: IPAddress, right: IPAddress) -> Bool { left.high == right.high && left.low == right.low }

  @inlinable package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  @inlinable package var family: AddressFamily { isIPv4 ? .ipv4 : .ipv6 }

  /// `0.0.0.0` or `::`.
  @inlinable package var isWildcard: Bool { high == 0 && (low == 0 || low == 0xFFFF_0000_0000) }

  /// `0.0.0.0` for an IPv4 address, `::` for an IPv6 address.
  package var unspecified: IPAddress { isIPv4 ? .anyIPv4 : .anyIPv6 }

  /// `127.0.0.0/8`, mapped or not, or `::1`.
  ///
  /// Kernel: `ipv4_is_loopback`, `ipv6_addr_loopback`.
  @inlinable package var isLoopback: Bool { high == 0 && (low >> 24 == 0xFFFF7F || low == 1) }

  package static let anyIPv4 = IPAddress(ipv4: 0)
  package static let anyIPv6 = IPAddress(high: 0, low: 0)
  package static let loopbackIPv4 = IPAddress(ipv4: 0x7F00_0001)
  package static let loopbackIPv6 = IPAddress(high: 0, low: 1)
}

extension IPAddress: Comparable {
  /// IPv4 before IPv6, then by number.
  package static func < (left: IPAddress, right: IPAddress) -> Bool {
    if left.isIPv4 != right.isIPv4 { return left.isIPv4 }
    return (left.high, left.low) < (right.high, right.low)
  }
}
