/// Walks the messages in the datagrams of a dump. Headers, the end, refusals and interruptions are the same for every netlink protocol.
///
/// Kernel: `netlink_dump` in `net/netlink/af_netlink.c`.
package struct NetlinkDump: Sendable {
  /// How a datagram ended.
  package enum Progress: Sendable, Hashable {
    case more
    case done
    /// The kernel refuses; a positive error number.
    case refused(Int32)
  }

  /// What is asked, for errors: `inet_diag`.
  let source: String
  let sequence: UInt32
  /// The type of the messages that answer, and the size of the structure that each begins with.
  let messageType: UInt16
  let bodySize: Int
  /// The kernel said that its table changed during the dump (`NLM_F_DUMP_INTR`).
  private(set) var isInterrupted = false

  init(_ source: String, sequence: UInt32, messageType: UInt16, bodySize: Int) {
    self.source = source
    self.sequence = sequence
    self.messageType = messageType
    self.bodySize = bodySize
  }

  /// Calls `body` with the place of each message's structure and the end of its attributes.
  ///
  /// - Throws: a message that is cut off, too short, of another type, or an answer to another question. The column is the byte, from 1.
  /// - Complexity: O(bytes); no allocation.
  @inline(__always)
  mutating func forEachMessage(
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
        guard length >= Netlink.headerSize + bodySize else {
          throw problem(offset, "message length", "at least \(Netlink.headerSize + bodySize)", "\(length)")
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

  /// An error's number is negative; 0 acknowledges. `NLMSG_DONE` carries one too, when a dump failed half-way.
  private func end(_ datagram: borrowing Span<UInt8>, _ offset: Int, _ length: Int, _ type: UInt16) throws(FormatError) -> Progress {
    guard length >= Netlink.headerSize + 4 else {
      if type == Netlink.doneType { return .done }
      throw problem(offset, "message length", "at least \(Netlink.headerSize + 4)", "\(length)")
    }
    let code = Int32(bitPattern: datagram.load32(offset + Netlink.headerSize))
    return code < 0 ? .refused(code == .min ? .max : -code) : .done
  }

  private func problem(_ offset: Int, _ field: String, _ expected: String, _ found: String) -> FormatError {
    FormatError(source: source, line: 0, column: offset + 1, field: field, expected: expected, found: found)
  }
}

extension Netlink {
  /// Where an attribute's value is. Attributes: length and type, two bytes each, then the value. Unknown ones are passed over; a broken one ends
  /// the search.
  static func attribute(_ type: UInt16, _ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Range<Int>? {
    var offset = start
    while end - offset > 4 {
      let length = Int(bytes.load16(offset))
      guard length >= 4, length <= end - offset else { return nil }
      if bytes.load16(offset + 2) == type { return offset + 4..<offset + length }
      offset += aligned(length)
    }
    return nil
  }
}
