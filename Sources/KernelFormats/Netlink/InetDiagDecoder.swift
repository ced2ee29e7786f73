package import PortModel

/// Reads the answer to an ``InetDiagRequest``, one datagram after the other, without keeping any of it.
package struct InetDiagDecoder: Sendable {
  private let transport: TransportProtocol
  private var dump: NetlinkDump

  package init(_ request: InetDiagRequest, sequence: UInt32) {
    transport = request.table == .tcp ? .tcp : .udp
    dump = NetlinkDump(
      "inet_diag", sequence: sequence,
      messageType: request.table == .tcp ? InetDiagRequest.tcpDiagGetSock : InetDiagRequest.sockDiagByFamily, bodySize: Self.bodySize)
  }

  /// The kernel said that its table changed during the dump.
  package var isInterrupted: Bool { dump.isInterrupted }

  /// Calls `body` for each socket in `datagram`.
  ///
  /// - Throws: what ``NetlinkDump/forEachMessage(_:_:)`` throws.
  /// - Complexity: O(bytes); no allocation.
  @inline(__always)
  package mutating func decode(
    _ datagram: borrowing Span<UInt8>, _ body: (SocketRecord) -> Void
  ) throws(FormatError) -> NetlinkDump.Progress {
    let reader = self
    return try dump.forEachMessage(datagram) { bytes, start, end in body(reader.record(bytes, start, end: end)) }
  }

  /// Calls `body` for each socket in `datagram` with its owner, and nothing else.
  ///
  /// - Throws: what ``decode(_:_:)`` throws.
  package mutating func decodeHolders(
    _ datagram: borrowing Span<UInt8>, _ body: (SocketHolder) -> Void
  ) throws(FormatError) -> NetlinkDump.Progress {
    let reader = self
    return try dump.forEachMessage(datagram) { bytes, start, end in
      body(
        SocketHolder(
          localPort: bytes.loadBig16(start &+ 4), inode: UInt64(bytes.load32(start &+ 68)),
          controlGroup: reader.controlGroup(bytes, start &+ Self.bodySize, end: end)))
    }
  }

  /// `struct inet_diag_msg`.
  static let bodySize = 72
  /// `idiag_timer` of TIME_WAIT, and of FIN_WAIT2 without an owner: `inet_twsk_diag_fill` in `net/ipv4/inet_diag.c`.
  private static let timeWaitTimer: UInt8 = 3
  /// `INET_DIAG_SKV6ONLY`
  private static let ipv6OnlyAttribute: UInt16 = 11
  /// `INET_DIAG_CGROUP_ID`
  private static let controlGroupAttribute: UInt16 = 21

  @inline(__always)
  private func record(_ bytes: borrowing Span<UInt8>, _ start: Int, end: Int) -> SocketRecord {
    let isIPv6 = bytes[start] == InetDiagRequest.inet6
    let state = SocketState(rawValue: bytes[start &+ 1])
    return SocketRecord(
      transport: transport, state: state,
      local: address(bytes, start &+ 8, isIPv6), localPort: bytes.loadBig16(start &+ 4),
      remote: address(bytes, start &+ 24, isIPv6), remotePort: bytes.loadBig16(start &+ 6),
      isIPv6Only: isIPv6 && (state == .listen || state == .close) && isIPv6Only(bytes, start &+ Self.bodySize, end: end),
      timeWaitRemaining: bytes[start &+ 2] == Self.timeWaitTimer && (state == .timeWait || state == .finWait2)
        ? bytes.load32(start &+ 52) : 0,
      device: bytes.load32(start &+ 40), uid: bytes.load32(start &+ 64), inode: UInt64(bytes.load32(start &+ 68)))
  }

  @inline(__always)
  private func address(_ bytes: borrowing Span<UInt8>, _ start: Int, _ isIPv6: Bool) -> IPAddress {
    isIPv6 ? IPAddress(high: bytes.loadBig64(start), low: bytes.loadBig64(start &+ 8)) : IPAddress(ipv4: bytes.loadBig32(start))
  }

  private func isIPv6Only(_ bytes: borrowing Span<UInt8>, _ start: Int, end: Int) -> Bool {
    guard let place = Netlink.attribute(Self.ipv6OnlyAttribute, bytes, start, end) else { return false }
    return !place.isEmpty && bytes[place.lowerBound] != 0
  }

  private func controlGroup(_ bytes: borrowing Span<UInt8>, _ start: Int, end: Int) -> UInt64 {
    guard let place = Netlink.attribute(Self.controlGroupAttribute, bytes, start, end), place.count >= 8 else { return 0 }
    return bytes.load64(place.lowerBound)
  }
}

/// Whose a socket is, as inet_diag says it along with every socket.
package struct SocketHolder: Sendable, Hashable {
  package let localPort: Port
  /// 0 when no process owns the socket.
  package let inode: UInt64
  /// The number of the control group that the socket was made in: the inode of its directory in the hierarchy of version 2, 1 for the root. 0 for
  /// TIME_WAIT and half-open sockets, and on kernels that do not tell (before Linux 5.9).
  ///
  /// Kernel: `INET_DIAG_CGROUP_ID`, `inet_diag_msg_attrs_fill` in `net/ipv4/inet_diag.c`.
  package let controlGroup: UInt64

  package init(localPort: Port, inode: UInt64, controlGroup: UInt64) {
    self.localPort = localPort
    self.inode = inode
    self.controlGroup = controlGroup
  }
}
