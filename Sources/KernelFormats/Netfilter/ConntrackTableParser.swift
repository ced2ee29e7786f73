package import PortModel

/// Reads `/proc/net/nf_conntrack`, which arrives in pieces, without keeping any of it.
///
/// ```
/// ipv4     2 tcp      6 599 TIME_WAIT src=10.1.0.2 dst=10.2.0.100 sport=46832 dport=80 src=10.2.0.100 dst=10.2.0.1 sport=80 dport=40001 [ASSURED] mark=0 zone=0 use=2
/// ```
/// Both directions of the connection, the original one first. What is in brackets, counters and labels may stand anywhere between. An offloaded entry
/// has neither a timeout nor a state; a fixed timeout does not show.
///
/// Kernel: `ct_seq_show` in `net/netfilter/nf_conntrack_standalone.c`.
package struct ConntrackTableParser: Sendable {
  /// The line that is read next, from 1.
  package private(set) var line = 1

  package init() {}

  /// Calls `body` for each whole line of `bytes` and returns how many bytes those lines took. The rest comes again, with more behind it.
  ///
  /// - Parameter isLast: nothing follows, so that a last line without its LF has been cut off.
  /// - Throws: a line that is not of the documented form, a table cut off in mid-line. The source is left to the caller.
  /// - Complexity: O(bytes); no allocation.
  package mutating func parse(
    _ bytes: borrowing Span<UInt8>, isLast: Bool, _ body: (TrackedConnection) -> Void
  ) throws(FormatError) -> Int {
    var start = 0
    while start < bytes.count {
      let end = bytes.endOfLine(from: start)
      guard end < bytes.count else {
        guard isLast else { break }
        throw FormatError(bytes, at: end, lineStart: start, line: line, field: "line", expected: "a line feed")
      }
      var reader = LineReader(start: start, end: end)
      do {
        body(try reader.connection(bytes))
      } catch {
        var error = error
        error.line = line
        throw error
      }
      (line, start) = (line + 1, end + 1)
    }
    return start
  }
}

/// Reads the words of one line.
private struct LineReader {
  private let start: Int
  private let end: Int
  private var index: Int
  private var state = TrackedState.none
  private var isOffloaded = false
  private var original = DirectionFields()
  /// The direction that is being read.
  private var current = DirectionFields()
  /// 0 before the first `src=`, 1 in the original direction, 2 in the reply's.
  private var part = 0
  private var (zone, originalZone, replyZone): (UInt16, UInt16?, UInt16?) = (0, nil, nil)

  init(start: Int, end: Int) {
    self.start = start
    self.end = end
    index = start
  }

  mutating func connection(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> TrackedConnection {
    let isIPv6 = bytes.hasPrefix("ipv6 ", at: index)
    guard isIPv6 || bytes.hasPrefix("ipv4 ", at: index) else { throw problem(bytes, index, "family", "\"ipv4\" or \"ipv6\"") }
    index &+= 4
    // The family's number, the protocol's name, and its number.
    _ = try number(bytes, "family number", upTo: 255)
    bytes.skipSpaces(&index)
    let name = index
    bytes.skipVisible(&index)
    guard index > name, index < end else { throw problem(bytes, name, "protocol", "a name") }
    let transport = TrackedProtocol(number: UInt8(truncatingIfNeeded: try number(bytes, "protocol number", upTo: 255)))
    while true {
      // Anything below a space separates words: a control character that stayed in place would be read forever.
      while index < end, bytes[index] <= 0x20 { index &+= 1 }
      guard index < end else { break }
      try word(bytes, isIPv6)
      // Behind what was read of a word.
      while index < end, bytes[index] > 0x20 { index &+= 1 }
    }
    if part < 2 { (original, current) = (current, DirectionFields()) }
    return TrackedConnection(
      transport: transport, original: try direction(bytes, original, transport, originalZone ?? zone, "original"),
      reply: try direction(bytes, current, transport, replyZone ?? zone, "reply"), state: state, isOffloaded: isOffloaded)
  }

  private func direction(
    _ bytes: borrowing Span<UInt8>, _ fields: DirectionFields, _ transport: TrackedProtocol, _ zone: UInt16, _ name: StaticString
  ) throws(FormatError) -> TrackedConnection.Direction {
    guard fields.source != nil, fields.destination != nil else {
      throw problem(bytes, end, "\(name) direction", "src= and dst=")
    }
    guard let direction = fields.direction(transport, zone: zone) else {
      throw problem(bytes, end, "\(name) direction", transport == .icmp ? "type= and id=" : "sport= and dport=")
    }
    return direction
  }

  /// Reads the word at `index`, as far as it is of use.
  @inline(__always)
  private mutating func word(_ bytes: borrowing Span<UInt8>, _ isIPv6: Bool) throws(FormatError) {
    let first = index
    switch bytes[first] {
    case UInt8(ascii: "s"):
      if skip("src=", bytes) {
        guard part < 2 else { throw problem(bytes, first, "src", "two directions") }
        part &+= 1
        if part == 2 { (original, current) = (current, DirectionFields()) }
        current.source = try address(bytes, isIPv6, "src")
      } else if skip("sport=", bytes) {
        current.sourcePort = Port(truncatingIfNeeded: try number(bytes, "sport", upTo: 65535))
      }
    case UInt8(ascii: "d"):
      if skip("dst=", bytes) {
        current.destination = try address(bytes, isIPv6, "dst")
      } else if skip("dport=", bytes) {
        current.destinationPort = Port(truncatingIfNeeded: try number(bytes, "dport", upTo: 65535))
      }
    case UInt8(ascii: "i"):
      if skip("id=", bytes) { current.sourcePort = Port(truncatingIfNeeded: try number(bytes, "id", upTo: 65535)) }
    case UInt8(ascii: "t"):
      if skip("type=", bytes) { current.icmpType = UInt8(truncatingIfNeeded: try number(bytes, "type", upTo: 255)) }
    case UInt8(ascii: "c"):
      if skip("code=", bytes) { current.icmpCode = UInt8(truncatingIfNeeded: try number(bytes, "code", upTo: 255)) }
    case UInt8(ascii: "z"):
      if skip("zone-orig=", bytes) {
        originalZone = try zone(bytes)
      } else if skip("zone-reply=", bytes) {
        replyZone = try zone(bytes)
      } else if skip("zone=", bytes) {
        zone = try zone(bytes)
      }
    case UInt8(ascii: "["):
      if skip("[OFFLOAD]", bytes) || skip("[HW_OFFLOAD]", bytes) { isOffloaded = true }
    case UInt8(ascii: "T"):
      if part == 0, skip("TIME_WAIT", bytes) { state = .timeWait }
    case UInt8(ascii: "C"):
      if part == 0, skip("CLOSE", bytes), index >= end || bytes[index] == 0x20 { state = .close }
    case UInt8(ascii: "E"):
      if part == 0, skip("ESTABLISHED", bytes) { state = .established }
    default:
      break
    }
  }

  @inline(__always)
  private mutating func skip(_ text: StaticString, _ bytes: borrowing Span<UInt8>) -> Bool {
    guard bytes.hasPrefix(text, at: index) else { return false }
    index &+= text.utf8CodeUnitCount
    return true
  }

  @inline(__always)
  private mutating func number(_ bytes: borrowing Span<UInt8>, _ field: StaticString, upTo maximum: UInt64) throws(FormatError) -> UInt64 {
    bytes.skipSpaces(&index)
    let first = index
    guard let value = bytes.decimal(&index), value <= maximum, index >= end || bytes[index] <= 0x20 else {
      throw problem(bytes, first, field, "a number up to \(maximum)")
    }
    return value
  }

  private mutating func zone(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt16 {
    UInt16(truncatingIfNeeded: try number(bytes, "zone", upTo: 65535))
  }

  @inline(__always)
  private mutating func address(_ bytes: borrowing Span<UInt8>, _ isIPv6: Bool, _ field: StaticString) throws(FormatError) -> IPAddress {
    let first = index
    guard let address = isIPv6 ? bytes.fullIPv6(&index) : bytes.dottedIPv4(&index), index < end, bytes[index] == 0x20 else {
      throw problem(bytes, first, field, isIPv6 ? "an IPv6 address written in full" : "an IPv4 address")
    }
    return address
  }

  private func problem(_ bytes: borrowing Span<UInt8>, _ place: Int, _ field: StaticString, _ expected: String) -> FormatError {
    problem(bytes, place, "\(field)", expected)
  }

  private func problem(_ bytes: borrowing Span<UInt8>, _ place: Int, _ field: String, _ expected: String) -> FormatError {
    FormatError(bytes, at: place, lineStart: start, field: field, expected: expected)
  }
}

extension Span<UInt8> {
  /// `10.0.0.9`; `nil`, with `index` anywhere, if it is not there.
  @inline(__always)
  fileprivate func dottedIPv4(_ index: inout Int) -> IPAddress? {
    var address: UInt32 = 0
    for part in 0..<4 {
      if part > 0 {
        guard index < count, self[index] == UInt8(ascii: ".") else { return nil }
        index &+= 1
      }
      guard let byte = decimal(&index), byte <= 255 else { return nil }
      address = address &<< 8 | UInt32(truncatingIfNeeded: byte)
    }
    return IPAddress(ipv4: address)
  }

  /// `fd01:0000:0000:0000:0000:0000:0000:0002`: eight groups of four digits, as the kernel's `%pI6` writes them.
  @inline(__always)
  fileprivate func fullIPv6(_ index: inout Int) -> IPAddress? {
    var (high, low): (UInt64, UInt64) = (0, 0)
    for group in 0..<8 {
      if group > 0 {
        guard index < count, self[index] == UInt8(ascii: ":") else { return nil }
        index &+= 1
      }
      guard let value = hexadecimal(&index, digits: 4) else { return nil }
      if group < 4 { high = high &<< 16 | UInt64(value) } else { low = low &<< 16 | UInt64(value) }
    }
    return IPAddress(high: high, low: low)
  }
}
