package import PortModel

/// Reads the answer to an ``InetDiagRequest``, one datagram after the other, without keeping any of it.
package struct InetDiagDecoder: Sendable {
  /// How a datagram ended.
  package enum Progress: Sendable, Hashable {
    case more
    case done
    /// The kernel refuses; a positive error number.
    case refused(Int32)
  }

  private let sequence: UInt32
  private let messageType: UInt16
  private let transport: TransportProtocol
  /// The kernel said that its table changed during the dump (`NLM_F_DUMP_INTR`).
  package private(set) var isInterrupted = false

  package init(_ request: InetDiagRequest, sequence: UInt32) {
    self.sequence = sequence
    messageType = request.table == .tcp ? InetDiagRequest.tcpDiagGetSock : InetDiagRequest.sockDiagByFamily
    transport = request.table == .tcp ? .tcp : .udp
  }

  /// Calls `body` for each socket in `datagram`.
  ///
  /// - Throws: a message that is cut off, too short, of another type, or an answer to another question. The column is the byte, from 1.
  /// - Complexity: O(bytes); no allocation.
  @inline(__always)
  package mutating func decode(_ datagram: borrowing Span<UInt8>, _ body: (SocketRecord) -> Void) throws(FormatError) -> Progress {
    let reader = self
    return try forEachSocket(datagram) { bytes, start, end in body(reader.record(bytes, start, end: end)) }
  }

  /// Calls `body` for each socket in `datagram` with what tells whose it is, and nothing else.
  ///
  /// - Throws: what ``decode(_:_:)`` throws.
  package mutating func decodeHolders(_ datagram: borrowing Span<UInt8>, _ body: (SocketHolder) -> Void) throws(FormatError) -> Progress {
    let reader = self
    return try forEachSocket(datagram) { bytes, start, end in
      body(
        SocketHolder(
          localPort: bytes.loadBig16(start &+ 4), inode: UInt64(bytes.load32(start &+ 68)),
          controlGroup: reader.controlGroup(bytes, start &+ Self.bodySize, end: end)))
    }
  }

  /// Calls `body` with the place of each `struct inet_diag_msg` and the end of its attributes.
  @inline(__always)
  private mutating func forEachSocket(
    _ datagram: borrowing Span<UInt8>, _ body: (borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Void
  ) throws(FormatError) -> Progress {
    var offset = 0
    while offset < datagram.count {
      guard datagram.count - offset >= Netlink.headerSize else {
        throw problem(offset, "message", "a header of \(Netlink.headerSize) bytes", "\(datagram.count - offset) bytes")
      }
      let length = Int(datagram.load32(offset))
      let type = datagram.load16(offset &+ 4)
      guard length >= Netlink.headerSize, length <= datagram.count - offset else {
        throw problem(offset, "message length", "at most the \(datagram.count - offset) bytes that arrived", "\(length)")
      }
      guard datagram.load32(offset &+ 8) == sequence else {
        throw problem(offset + 8, "sequence number", "\(sequence)", "\(datagram.load32(offset + 8))")
      }
      if datagram.load16(offset &+ 6) & Netlink.dumpInterruptedFlag != 0 { isInterrupted = true }
      if type == messageType {
        guard length >= Netlink.headerSize + Self.bodySize else {
          throw problem(offset, "message length", "at least \(Netlink.headerSize + Self.bodySize)", "\(length)")
        }
        body(datagram, offset &+ Netlink.headerSize, offset &+ length)
      } else if type == Netlink.doneType || type == Netlink.errorType {
        return try end(datagram, offset, length, type)
      } else {
        throw problem(offset + 4, "message type", "\(messageType)", "\(type)")
      }
      offset &+= Netlink.aligned(length)
    }
    return .more
  }

  /// `struct inet_diag_msg`.
  private static let bodySize = 72
  /// `INET_DIAG_SKV6ONLY`
  private static let ipv6OnlyAttribute: UInt16 = 11
  /// `INET_DIAG_CGROUP_ID`
  private static let controlGroupAttribute: UInt16 = 21

  /// An error's number is negative; 0 acknowledges. `NLMSG_DONE` carries one too, when a dump failed half-way.
  private func end(_ datagram: borrowing Span<UInt8>, _ offset: Int, _ length: Int, _ type: UInt16) throws(FormatError) -> Progress {
    guard length >= Netlink.headerSize + 4 else {
      if type == Netlink.doneType { return .done }
      throw problem(offset, "message length", "at least \(Netlink.headerSize + 4)", "\(length)")
    }
    let code = Int32(bitPattern: datagram.load32(offset + Netlink.headerSize))
    return code < 0 ? .refused(code == .min ? .max : -code) : .done
  }

  @inline(__always)
  private func record(_ bytes: borrowing Span<UInt8>, _ start: Int, end: Int) -> SocketRecord {
    let isIPv6 = bytes[start] == InetDiagRequest.inet6
    let state = SocketState(rawValue: bytes[start &+ 1])
    return SocketRecord(
      transport: transport, state: state,
      local: address(bytes, start &+ 8, isIPv6), localPort: bytes.loadBig16(start &+ 4),
      remote: address(bytes, start &+ 24, isIPv6), remotePort: bytes.loadBig16(start &+ 6),
      isIPv6Only: isIPv6 && (state == .listen || state == .close) && isIPv6Only(bytes, start &+ Self.bodySize, end: end),
      timeWaitRemaining: state == .timeWait ? bytes.load32(start &+ 52) : 0,
      uid: bytes.load32(start &+ 64), inode: UInt64(bytes.load32(start &+ 68)))
  }

  @inline(__always)
  private func address(_ bytes: borrowing Span<UInt8>, _ start: Int, _ isIPv6: Bool) -> IPAddress {
    isIPv6 ? IPAddress(high: bytes.loadBig64(start), low: bytes.loadBig64(start &+ 8)) : IPAddress(ipv4: bytes.loadBig32(start))
  }

  private func isIPv6Only(_ bytes: borrowing Span<UInt8>, _ start: Int, end: Int) -> Bool {
    guard let place = attribute(Self.ipv6OnlyAttribute, bytes, start, end) else { return false }
    return !place.isEmpty && bytes[place.lowerBound] != 0
  }

  private func controlGroup(_ bytes: borrowing Span<UInt8>, _ start: Int, end: Int) -> UInt64 {
    guard let place = attribute(Self.controlGroupAttribute, bytes, start, end), place.count >= 8 else { return 0 }
    return bytes.load64(place.lowerBound)
  }

  /// Where an attribute's value is. Attributes: length and type, two bytes each, then the value. Unknown ones are passed over; a broken one ends
  /// the search.
  private func attribute(_ type: UInt16, _ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Range<Int>? {
    var offset = start
    while end - offset > 4 {
      let length = Int(bytes.load16(offset))
      guard length >= 4, length <= end - offset else { return nil }
      if bytes.load16(offset + 2) == type { return offset + 4..<offset + length }
      offset += Netlink.aligned(length)
    }
    return nil
  }

  private func problem(_ offset: Int, _ field: String, _ expected: String, _ found: String) -> FormatError {
    FormatError(source: "inet_diag", line: 0, column: offset + 1, field: field, expected: expected, found: found)
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
