package import PortModel

/// What is left for `bind` to port 0: for each local address its own pool (`kernel.md`, second pool).
///
/// Kernel: `inet_csk_bind_conflict` and `inet_rcv_saddr_equal` in `net/ipv4/inet_connection_sock.c`.
package struct BindHeadroom: Sendable, Hashable {
  /// For `0.0.0.0`: every socket that is not IPv6-only is in the way.
  package let wildcard: Int
  /// For a dual-stack `[::]`: every socket is in the way.
  package let wildcardIPv6: Int
  /// Local addresses with sockets of their own on pool ports, least headroom first.
  package let addresses: [Address]
  /// Whether ``addresses`` has every such address; there are at most 256.
  package let isComplete: Bool
  /// For an IPv4 address without sockets of its own, and for such an IPv6 address.
  package let other: Int
  package let otherIPv6: Int

  /// One local address.
  package struct Address: Sendable, Hashable {
    package let address: IPAddress
    package let headroom: Int
  }

  init(_ tally: borrowing TCPTally) {
    let capacity = tally.pool.count
    wildcard = capacity - tally.ports.meetingIPv4.count
    wildcardIPv6 = capacity - tally.ports.used.count
    other = capacity - tally.onWildcardIPv4.count
    otherIPv6 = capacity - tally.onWildcardIPv6.count
    isComplete = tally.addresses.isComplete
    var list: [Address] = []
    for (number, address) in tally.addresses.addresses.enumerated() {
      var taken = address.isIPv4 ? tally.onWildcardIPv4 : tally.onWildcardIPv6
      tally.addresses.forEachOffset(of: number) { taken.insert(Port(tally.firstPort + $0)) }
      list.append(Address(address: address, headroom: capacity - taken.count))
    }
    addresses = list.sorted { ($0.headroom, $0.address) < ($1.headroom, $1.address) }
  }
}
