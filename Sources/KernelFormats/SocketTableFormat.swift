package import PortModel

/// Which of the four socket tables a line comes from.
package struct SocketTableFormat: Sendable, Hashable {
  package let transport: TransportProtocol
  /// `tcp6` and `udp6`: 32 digits an address instead of 8.
  package let isIPv6: Bool

  package init(_ transport: TransportProtocol, isIPv6: Bool) {
    self.transport = transport
    self.isIPv6 = isIPv6
  }

  package static let all = [
    SocketTableFormat(.tcp, isIPv6: false), SocketTableFormat(.tcp, isIPv6: true),
    SocketTableFormat(.udp, isIPv6: false), SocketTableFormat(.udp, isIPv6: true),
  ]

  /// The file below `/proc/net`: `tcp`, `tcp6`, `udp` or `udp6`.
  package var fileName: String { transport.name + (isIPv6 ? "6" : "") }
}

extension SocketTableFormat {
  /// Reads one line from `index` on and moves `index` behind its last field that is read (the inode).
  ///
  /// ```
  ///    1: 0100007F:A000 0100007F:1F90 06 00000000:00000000 03:00001766 00000000     0        0 0 3 0000000000000000
  /// ```
  /// Addresses are 32-bit words in host byte order. `03:` marks TIME_WAIT and what is left of it, in hundredths of a second.
  ///
  /// Kernel: `tcp4_seq_show` in `net/ipv4/tcp_ipv4.c`, `tcp6_seq_show`, `udp4_format_sock`.
  @inline(__always)
  func record(_ bytes: borrowing Span<UInt8>, _ index: inout Int, lineStart: Int) throws(FormatError) -> SocketRecord {
    bytes.skipSpaces(&index)
    guard bytes.decimal(&index) != nil, index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
      throw FormatError(bytes, at: index, lineStart: lineStart, field: "slot", expected: "a number and a colon")
    }
    index &+= 1
    bytes.skipSpaces(&index)
    let local = try address(bytes, &index, lineStart, "local address")
    let localPort = try port(bytes, &index, lineStart, "local port")
    bytes.skipSpaces(&index)
    let remote = try address(bytes, &index, lineStart, "remote address")
    let remotePort = try port(bytes, &index, lineStart, "remote port")
    bytes.skipSpaces(&index)
    guard let state = bytes.hexadecimal(&index, digits: 2) else {
      throw FormatError(bytes, at: index, lineStart: lineStart, field: "state", expected: "2 hexadecimal digits")
    }
    bytes.skipSpaces(&index)
    try skipWord(bytes, &index, lineStart, "queues")
    bytes.skipSpaces(&index)
    guard let timer = bytes.hexadecimal(&index, digits: 2), index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
      throw FormatError(bytes, at: index, lineStart: lineStart, field: "timer", expected: "2 hexadecimal digits and a colon")
    }
    index &+= 1
    guard let expires = bytes.hexadecimal8(&index) else {
      throw FormatError(bytes, at: index, lineStart: lineStart, field: "timer expiry", expected: "8 hexadecimal digits")
    }
    bytes.skipSpaces(&index)
    try skipWord(bytes, &index, lineStart, "retransmits")
    bytes.skipSpaces(&index)
    guard let uid = bytes.decimal(&index) else {
      throw FormatError(bytes, at: index, lineStart: lineStart, field: "uid", expected: "a number")
    }
    bytes.skipSpaces(&index)
    try skipWord(bytes, &index, lineStart, "timeout")
    bytes.skipSpaces(&index)
    guard let inode = bytes.decimal(&index) else {
      throw FormatError(bytes, at: index, lineStart: lineStart, field: "inode", expected: "a number")
    }
    let socketState = SocketState(rawValue: UInt8(truncatingIfNeeded: state))
    return SocketRecord(
      transport: transport, state: socketState, local: local, localPort: localPort, remote: remote, remotePort: remotePort,
      isIPv6Only: isIPv6 && isUnconnected(socketState) && !local.isIPv4 && !local.isWildcard,
      timeWaitRemaining: timer == 3 && (socketState == .timeWait || socketState == .finWait2)
        ? expires.multipliedReportingOverflow(by: 10).partialValue : 0,
      uid: UInt32(truncatingIfNeeded: uid), inode: inode)
  }

  /// `/proc` does not show `IPV6_V6ONLY`: only an unconnected socket on an IPv6 unicast address is known to have it.
  @inline(__always)
  private func isUnconnected(_ state: SocketState) -> Bool { state == .listen || state == .close }

  @inline(__always)
  private func address(
    _ bytes: borrowing Span<UInt8>, _ index: inout Int, _ lineStart: Int, _ field: StaticString
  ) throws(FormatError) -> IPAddress {
    let start = index
    if !isIPv6 {
      guard let word = bytes.hexadecimal8(&index), index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
        throw FormatError(bytes, at: start, lineStart: lineStart, field: "\(field)", expected: "8 hexadecimal digits and a colon")
      }
      index &+= 1
      return IPAddress(ipv4: UInt32(bigEndian: word))
    }
    guard
      let word0 = bytes.hexadecimal8(&index), let word1 = bytes.hexadecimal8(&index),
      let word2 = bytes.hexadecimal8(&index), let word3 = bytes.hexadecimal8(&index),
      index < bytes.count, bytes[index] == UInt8(ascii: ":")
    else {
      throw FormatError(bytes, at: start, lineStart: lineStart, field: "\(field)", expected: "32 hexadecimal digits and a colon")
    }
    index &+= 1
    return IPAddress(
      high: UInt64(UInt32(bigEndian: word0)) << 32 | UInt64(UInt32(bigEndian: word1)),
      low: UInt64(UInt32(bigEndian: word2)) << 32 | UInt64(UInt32(bigEndian: word3)))
  }

  @inline(__always)
  private func port(
    _ bytes: borrowing Span<UInt8>, _ index: inout Int, _ lineStart: Int, _ field: StaticString
  ) throws(FormatError) -> Port {
    let start = index
    guard let port = bytes.hexadecimal(&index, digits: 4), index < bytes.count, bytes[index] == 0x20 else {
      throw FormatError(bytes, at: start, lineStart: lineStart, field: "\(field)", expected: "4 hexadecimal digits")
    }
    return Port(truncatingIfNeeded: port)
  }

  /// A field that nothing needs; it must be there, since the ones behind it are found by counting.
  @inline(__always)
  private func skipWord(
    _ bytes: borrowing Span<UInt8>, _ index: inout Int, _ lineStart: Int, _ field: StaticString
  ) throws(FormatError) {
    let start = index
    bytes.skipVisible(&index)
    guard index > start else {
      throw FormatError(bytes, at: index, lineStart: lineStart, field: "\(field)", expected: "a value")
    }
  }
}
