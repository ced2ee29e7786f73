package import PortModel

/// A question to inet_diag about one TCP connection: does it use timestamps? The kernel finds the connection in its hash table, so that this costs
/// no walk.
///
/// Kernel: `inet_diag_find_one_icsk` in `net/ipv4/inet_diag.c`, `tcp_get_info` in `net/ipv4/tcp.c`.
package struct InetDiagLookup: Sendable, Hashable {
  package let tuple: Tuple
  package let localPort: Port
  /// The number of the device that the socket is bound to; 0 for none.
  package let device: UInt32

  /// - Parameter tuple: its zone does not matter.
  package init(_ tuple: Tuple, localPort: Port, device: UInt32) {
    self.tuple = tuple
    self.localPort = localPort
    self.device = device
  }

  /// The message, header included. It asks for no dump, so that one message answers it.
  package func encoded(sequence: UInt32) -> [UInt8] {
    let isIPv4 = tuple.destination.isIPv4
    // struct inet_diag_req_v2: family, protocol, ext, pad; states; id.
    var body: [UInt8] = [isIPv4 ? InetDiagRequest.inet : InetDiagRequest.inet6, Self.tcp, UInt8(1 << (Self.infoAttribute - 1)), 0]
    body.append(host: InetDiagRequest.allStates)
    // struct inet_diag_sockid: ports and addresses in network order, device, cookie.
    body.append(host: localPort.bigEndian)
    body.append(host: tuple.destinationPort.bigEndian)
    for address in [tuple.source, tuple.destination] {
      if isIPv4 {
        body.append(host: UInt32(truncatingIfNeeded: address.low).bigEndian)
        body += [UInt8](repeating: 0, count: 12)
      } else {
        body.append(host: address.high.bigEndian)
        body.append(host: address.low.bigEndian)
      }
    }
    body.append(host: device)
    body += [UInt8](repeating: 0xFF, count: 8)
    return Netlink.request(InetDiagRequest.sockDiagByFamily, flags: Netlink.requestFlag, sequence: sequence, body)
  }

  /// Whether the connection uses timestamps; `nil` if it is gone, was not yet established, or is in TIME_WAIT, whose sockets do not tell.
  ///
  /// `struct tcp_info` has the options that were agreed on in its sixth byte: 1 is `TCPI_OPT_TIMESTAMPS`.
  ///
  /// - Throws: what ``NetlinkDump/forEachMessage(_:_:)`` throws.
  package func usesTimestamps(_ datagram: borrowing Span<UInt8>, sequence: UInt32) throws(FormatError) -> Bool? {
    var dump = NetlinkDump(
      "inet_diag", sequence: sequence, messageType: InetDiagRequest.sockDiagByFamily, bodySize: InetDiagDecoder.bodySize)
    var answer: Bool?
    _ = try dump.forEachMessage(datagram) { bytes, start, end in
      // Where the connection is gone, a listener on its port may answer.
      let isAsked = bytes.loadBig16(start &+ 4) == localPort && bytes.loadBig16(start &+ 6) == tuple.destinationPort
      guard isAsked, SocketState(rawValue: bytes[start &+ 1]).hasAgreedOptions else { return }
      let place = Netlink.attribute(Self.infoAttribute, bytes, start &+ InetDiagDecoder.bodySize, end)
      guard let place, place.count >= 6 else { return }
      answer = bytes[place.lowerBound + 5] & 1 != 0
    }
    return answer
  }

  private static let tcp: UInt8 = 6
  /// `INET_DIAG_INFO`
  private static let infoAttribute: UInt16 = 2
}
