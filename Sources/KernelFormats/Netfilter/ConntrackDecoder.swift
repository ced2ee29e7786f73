package import PortModel

/// Reads the answer to a ``ConntrackRequest``, one datagram after the other, without keeping any of it.
package struct ConntrackDecoder: Sendable {
  private var dump: NetlinkDump
  /// Entries without an address or a port that their protocol has. They are not handed out.
  package private(set) var incomplete = 0

  package init(sequence: UInt32) {
    dump = NetlinkDump("ctnetlink", sequence: sequence, messageType: ConntrackRequest.newType, bodySize: Netfilter.bodySize)
  }

  /// Calls `body` for each entry in `datagram`.
  ///
  /// - Throws: what ``NetlinkDump/forEachMessage(_:_:)`` throws, and an attribute that is longer than there is room for it.
  /// - Complexity: O(bytes); no allocation.
  @inline(__always)
  package mutating func decode(
    _ datagram: borrowing Span<UInt8>, _ body: (TrackedConnection) -> Void
  ) throws(FormatError) -> NetlinkDump.Progress {
    var (missing, broken) = (0, Int?.none)
    let progress = try dump.forEachMessage(datagram) { bytes, start, end in
      var reader = EntryReader()
      reader.read(bytes, start &+ Netfilter.bodySize, end)
      if let place = reader.broken {
        if broken == nil { broken = place }
      } else if let connection = reader.connection {
        body(connection)
      } else {
        missing &+= 1
      }
    }
    incomplete += missing
    if let broken {
      throw FormatError(
        source: "ctnetlink", line: 0, column: broken + 1, field: "attribute", expected: "a length that its message has room for",
        found: broken + 2 <= datagram.count ? "\(datagram.load16(broken))" : "the end")
    }
    return progress
  }
}

/// Collects what the attributes of one entry say. Kernel: `ctnetlink_fill_info` in `net/netfilter/nf_conntrack_netlink.c`.
private struct EntryReader {
  private var original = DirectionReader()
  private var reply = DirectionReader()
  private var status: UInt32 = 0
  private var state: UInt8 = 0
  private var zone: UInt16 = 0
  private(set) var broken: Int?

  private static let original: UInt16 = 1, reply: UInt16 = 2, status: UInt16 = 3, protocolInfo: UInt16 = 4, zone: UInt16 = 18
  private static let fixedTimeout: UInt32 = 1 << 10
  /// `IPS_OFFLOAD | IPS_HW_OFFLOAD`
  private static let offloaded: UInt32 = 3 << 14

  /// `nil` if something is missing.
  @inline(__always)
  var connection: TrackedConnection? {
    guard let transport = original.transport, let first = original.direction(zone), let second = reply.direction(zone) else { return nil }
    return TrackedConnection(
      transport: transport, original: first, reply: second, state: TrackedState(rawValue: state),
      hasFixedTimeout: status & Self.fixedTimeout != 0, isOffloaded: status & Self.offloaded != 0)
  }

  @inline(__always)
  mutating func read(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) {
    var attributes = NetlinkAttributes(start, end)
    while let (type, value) = attributes.next(in: bytes) {
      switch type {
      case Self.original: note(original.read(bytes, value))
      case Self.reply: note(reply.read(bytes, value))
      case Self.status where value.count >= 4: status = bytes.loadBig32(value.lowerBound)
      case Self.protocolInfo: note(readState(bytes, value))
      case Self.zone where value.count >= 2: zone = bytes.loadBig16(value.lowerBound)
      default: break
      }
    }
    note(attributes.broken)
  }

  @inline(__always)
  private mutating func note(_ place: Int?) {
    if let place, broken == nil { broken = place }
  }

  /// `CTA_PROTOINFO_TCP`, and in it `CTA_PROTOINFO_TCP_STATE`.
  @inline(__always)
  private mutating func readState(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Int? {
    var protocols = NetlinkAttributes(range)
    while let (type, value) = protocols.next(in: bytes) {
      guard type == 1 else { continue }
      var fields = NetlinkAttributes(value)
      while let (field, value) = fields.next(in: bytes) {
        if field == 1, !value.isEmpty { state = bytes[value.lowerBound] }
      }
      if let place = fields.broken { return place }
    }
    return protocols.broken
  }
}

/// Collects one direction: `CTA_TUPLE_ORIG` or `CTA_TUPLE_REPLY`.
private struct DirectionReader {
  private(set) var transport: TrackedProtocol?
  private var fields = DirectionFields()
  private var zone: UInt16?

  @inline(__always)
  func direction(_ common: UInt16) -> TrackedConnection.Direction? { transport.flatMap { fields.direction($0, zone: zone ?? common) } }

  /// The place of a broken attribute; `nil` if all are whole.
  @inline(__always)
  mutating func read(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Int? {
    var attributes = NetlinkAttributes(range)
    while let (type, value) = attributes.next(in: bytes) {
      switch type {
      case 1: if let place = readAddresses(bytes, value) { return place }
      case 2: if let place = readProtocol(bytes, value) { return place }
      case 3 where value.count >= 2: zone = bytes.loadBig16(value.lowerBound)
      default: break
      }
    }
    return attributes.broken
  }

  /// `CTA_IP_V4_SRC`, `CTA_IP_V4_DST`, `CTA_IP_V6_SRC`, `CTA_IP_V6_DST`.
  @inline(__always)
  private mutating func readAddresses(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Int? {
    var attributes = NetlinkAttributes(range)
    while let (type, value) = attributes.next(in: bytes) {
      let start = value.lowerBound
      switch type {
      case 1 where value.count >= 4: fields.source = IPAddress(ipv4: bytes.loadBig32(start))
      case 2 where value.count >= 4: fields.destination = IPAddress(ipv4: bytes.loadBig32(start))
      case 3 where value.count >= 16: fields.source = IPAddress(high: bytes.loadBig64(start), low: bytes.loadBig64(start &+ 8))
      case 4 where value.count >= 16: fields.destination = IPAddress(high: bytes.loadBig64(start), low: bytes.loadBig64(start &+ 8))
      default: break
      }
    }
    return attributes.broken
  }

  /// `CTA_PROTO_NUM`, the two ports, and for ICMP and ICMPv6 identifier, type and code.
  @inline(__always)
  private mutating func readProtocol(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Int? {
    var attributes = NetlinkAttributes(range)
    while let (type, value) = attributes.next(in: bytes) {
      let start = value.lowerBound
      switch type {
      case 1 where value.count >= 1: transport = TrackedProtocol(number: bytes[start])
      case 2 where value.count >= 2, 4 where value.count >= 2, 7 where value.count >= 2: fields.sourcePort = bytes.loadBig16(start)
      case 3 where value.count >= 2: fields.destinationPort = bytes.loadBig16(start)
      case 5 where value.count >= 1, 8 where value.count >= 1: fields.icmpType = bytes[start]
      case 6 where value.count >= 1, 9 where value.count >= 1: fields.icmpCode = bytes[start]
      default: break
      }
    }
    return attributes.broken
  }
}
