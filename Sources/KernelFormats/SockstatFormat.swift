/// What `/proc/net/sockstat` and `sockstat6` count for a namespace, without walking a table.
///
/// ```
/// sockets: used 290
/// TCP: inuse 41 orphan 0 tw 12 alloc 45 mem 3
/// UDP: inuse 3 mem 0
/// ```
/// Kernel: `sockstat_seq_show` in `net/ipv4/proc.c`, `sockstat6_seq_show` in `net/ipv6/proc.c`.
package struct SockstatFormat: Sendable, Hashable {
  /// Sockets of every kind that programs of the namespace have open; only `sockstat` has it. TCP sockets that are bound and nothing more are in here
  /// and in no other number.
  package let sockets: UInt64?
  /// TCP sockets of this file's family that are not in TIME_WAIT.
  package let tcp: UInt64
  /// TCP sockets of both families in TIME_WAIT; only `sockstat` has it.
  package let timeWait: UInt64
  /// UDP sockets of this file's family.
  package let udp: UInt64

  /// Reads either file: the names in `sockstat6` end in 6.
  package init(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    var (sockets, tcp, timeWait, udp): (UInt64?, UInt64?, UInt64, UInt64) = (nil, nil, 0, 0)
    var (start, line) = (0, 1)
    while start < bytes.count {
      let end = bytes.endOfLine(from: start)
      if bytes.hasPrefix("TCP: ", at: start) || bytes.hasPrefix("TCP6: ", at: start) {
        tcp = try Self.value(bytes, "inuse", start, end, line) ?? 0
        timeWait = try Self.value(bytes, "tw", start, end, line) ?? 0
      } else if bytes.hasPrefix("UDP: ", at: start) || bytes.hasPrefix("UDP6: ", at: start) {
        udp = try Self.value(bytes, "inuse", start, end, line) ?? 0
      } else if bytes.hasPrefix("sockets: ", at: start) {
        sockets = try Self.value(bytes, "used", start, end, line)
      }
      (start, line) = (end + 1, line + 1)
    }
    guard let tcp else {
      throw FormatError(bytes, at: bytes.count, lineStart: bytes.count, line: line, field: "TCP", expected: "a line that begins with TCP")
    }
    self.sockets = sockets
    self.tcp = tcp
    self.timeWait = timeWait
    self.udp = udp
  }

  /// The number behind the word `name` in a line; `nil` when the line has no such word.
  private static func value(
    _ bytes: borrowing Span<UInt8>, _ name: StaticString, _ start: Int, _ end: Int, _ line: Int
  ) throws(FormatError) -> UInt64? {
    var index = start
    while index < end {
      let isWord = index > start && bytes[index - 1] == 0x20 && bytes.hasPrefix(name, at: index)
      let behind = index + name.utf8CodeUnitCount
      guard isWord, behind < end, bytes[behind] == 0x20 else {
        index += 1
        continue
      }
      index = behind + 1
      guard let value = bytes.decimal(&index) else {
        throw FormatError(bytes, at: index, lineStart: start, line: line, field: "\(name)", expected: "a number")
      }
      return value
    }
    return nil
  }
}
