package import PortModel

/// Asks rtnetlink for the routes of the table `local`: the addresses of the namespace, and the networks that are routed to it as a whole.
///
/// The kernel walks that table alone, whatever the others hold; `/proc/net/fib_trie` prints every route of every table.
///
/// Kernel: `inet_dump_fib` in `net/ipv4/fib_frontend.c`, `inet6_dump_fib` in `net/ipv6/ip6_fib.c`; `NETLINK_GET_STRICT_CHK` (Linux 4.20) makes
/// them heed the table and the type of the question.
package struct LocalRoutesRequest: Sendable, Hashable {
  package let family: AddressFamily

  package init(_ family: AddressFamily) {
    self.family = family
  }

  /// The message, header included: `struct rtmsg` with everything 0 but the family, the table and the type.
  package func encoded(sequence: UInt32) -> [UInt8] {
    // family, dst_len, src_len, tos, table, protocol, scope, type; flags.
    var body: [UInt8] = [
      family == .ipv4 ? InetDiagRequest.inet : InetDiagRequest.inet6, 0, 0, 0, LocalRoutesDecoder.localTable, 0, 0,
      LocalRoutesDecoder.localType,
    ]
    body.append(host: UInt32(0))
    return Netlink.request(Self.getRoute, sequence: sequence, body)
  }

  /// `RTM_GETROUTE`
  private static let getRoute: UInt16 = 26
}

/// Reads the answer to a ``LocalRoutesRequest``, one datagram after the other.
package struct LocalRoutesDecoder: Sendable {
  /// `RT_TABLE_LOCAL`
  static let localTable: UInt8 = 255
  /// `RTN_LOCAL`
  static let localType: UInt8 = 2
  /// `struct rtmsg`.
  static let bodySize = 12

  private var dump: NetlinkDump
  private let family: AddressFamily

  package init(_ request: LocalRoutesRequest, sequence: UInt32) {
    family = request.family
    dump = NetlinkDump("rtnetlink", sequence: sequence, messageType: Self.newRoute, bodySize: Self.bodySize)
  }

  /// The kernel said that its table changed during the dump.
  package var isInterrupted: Bool { dump.isInterrupted }

  /// Adds what `datagram` tells to `result`. Routes of another table, type or family are passed over, as a kernel that does not filter sends them.
  ///
  /// - Throws: what ``NetlinkDump/forEachMessage(_:_:)`` throws.
  package mutating func decode(
    _ datagram: borrowing Span<UInt8>, into result: inout LocalAddresses
  ) throws(FormatError) -> NetlinkDump.Progress {
    let family = family
    return try dump.forEachMessage(datagram) { bytes, start, end in
      guard bytes[start] == (family == .ipv4 ? InetDiagRequest.inet : InetDiagRequest.inet6), bytes[start + 4] == Self.localTable,
        bytes[start + 7] == Self.localType
      else { return }
      let length = Int(bytes[start + 1])
      let size = family == .ipv4 ? 4 : 16
      guard length <= size * 8 else { return }
      guard let place = Netlink.attribute(Self.destinationAttribute, bytes, start + Self.bodySize, end), place.count == size else {
        // Without a destination the route is for every address.
        if length == 0 { result.insert(LocalAddresses.Network(address: family == .ipv4 ? .anyIPv4 : .anyIPv6, prefixLength: 0)) }
        return
      }
      let address =
        family == .ipv4
        ? IPAddress(ipv4: bytes.loadBig32(place.lowerBound))
        : IPAddress(high: bytes.loadBig64(place.lowerBound), low: bytes.loadBig64(place.lowerBound + 8))
      result.insert(LocalAddresses.Network(address: address, prefixLength: length))
    }
  }

  /// `RTM_NEWROUTE`
  private static let newRoute: UInt16 = 24
  /// `RTA_DST`
  private static let destinationAttribute: UInt16 = 1
}
