import KernelFormats
import PortModel
import TestSupport
import Testing

/// A gateway's table, recorded on Linux 6.18 over netlink and from `/proc` at one moment. The question had sequence number 7.
enum RecordedConntrack {
  static func datagrams(_ name: String) throws -> [[UInt8]] {
    let bytes = try Fixture("netfilter/\(name).dump").bytes()
    var (datagrams, offset): ([[UInt8]], Int) = ([], 0)
    while offset + 4 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
      datagrams.append(Array(bytes[offset + 4..<offset + 4 + length]))
      offset += 4 + length
    }
    return datagrams
  }

  /// What the datagrams say, and how the last one ended.
  static func decode(_ datagrams: [[UInt8]]) throws(FormatError) -> (
    entries: [TrackedConnection], end: NetlinkDump.Progress, incomplete: Int
  ) {
    var decoder = ConntrackDecoder(sequence: 7)
    var (entries, end): ([TrackedConnection], NetlinkDump.Progress) = ([], .more)
    for datagram in datagrams where end == .more { end = try decoder.decode(datagram.span) { entries.append($0) } }
    return (entries, end, decoder.incomplete)
  }

  /// What a text says that arrives in pieces of `length` bytes.
  static func parse(_ text: String, pieces length: Int = 1 << 20) throws(FormatError) -> [TrackedConnection] {
    let bytes = Array(text.utf8)
    var parser = ConntrackTableParser()
    var (entries, start, end): ([TrackedConnection], Int, Int) = ([], 0, 0)
    repeat {
      end = min(end + length, bytes.count)
      start += try parser.parse(Array(bytes[start..<end]).span, isLast: end == bytes.count) { entries.append($0) }
    } while end < bytes.count
    return entries
  }
}

@Suite("Connection tracking tables")
struct ConntrackTests {
  private static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .anyIPv4 }

  @Test("netlink and /proc say the same of the same table")
  func agreement() throws {
    let (entries, end, incomplete) = try RecordedConntrack.decode(try RecordedConntrack.datagrams("conntrack"))
    let lines = try RecordedConntrack.parse(try Fixture("netfilter/nf_conntrack").text())
    #expect(end == .done && incomplete == 0)
    #expect(entries.count == 11)
    // What does not show in both: states that nobody needs.
    func known(_ entry: TrackedConnection) -> TrackedConnection {
      let state = [TrackedState.timeWait, .close, .established].contains(entry.state) ? entry.state : .none
      return TrackedConnection(
        transport: entry.transport, original: entry.original, reply: entry.reply, state: state, hasFixedTimeout: entry.hasFixedTimeout,
        isOffloaded: entry.isOffloaded)
    }
    #expect(Set(entries.map(known)) == Set(lines))
  }

  @Test("a table that arrives in pieces says what it says at once", arguments: [1, 7, 64, 400])
  func pieces(length: Int) throws {
    let text = try Fixture("netfilter/nf_conntrack").text()
    #expect(try RecordedConntrack.parse(text, pieces: length) == RecordedConntrack.parse(text))
  }

  @Test("a translated connection in TIME_WAIT is closing, and its replies come back to the translated port")
  func closing() throws {
    let entries = try RecordedConntrack.parse(try Fixture("netfilter/nf_conntrack").text()).filter { $0.isClosing }
    let entry = try #require(entries.first)
    #expect(entries.count == 1)
    #expect(entry.original.source == Self.address("10.1.0.2"))
    #expect(entry.reply.destination == Self.address("10.2.0.1") && (40000...40099).contains(entry.reply.destinationPort))
    #expect(entry.reply.source == Self.address("10.2.0.100") && entry.reply.sourcePort == 80)
  }

  @Test("zones are told apart by direction")
  func zones() throws {
    let entries = try RecordedConntrack.decode(try RecordedConntrack.datagrams("conntrack")).entries
    let zones = entries.filter { $0.original.destinationPort == 81 }.map { [$0.original.zone, $0.reply.zone] }
    #expect(Set(zones) == [[5, 5], [9, 0]])
  }

  @Test("an identifier of ICMP is a port, and protocols without ports are known as others")
  func otherProtocols() throws {
    let entries = try RecordedConntrack.decode(try RecordedConntrack.datagrams("conntrack")).entries
    let ping = try #require(entries.first { $0.transport == .icmp })
    #expect(ping.original.sourcePort == 777 && ping.original.destinationPort == 8 << 8)
    #expect(ping.reply.sourcePort == 777 && ping.reply.destinationPort == 0)
    #expect(ping.isSourceTranslated)
    let other = try #require(entries.first { $0.transport == .other })
    #expect(other.original.sourcePort == 0 && !other.isSourceTranslated)
  }

  private static let line =
    "ipv4     2 tcp      6 599 TIME_WAIT src=10.1.0.2 dst=10.2.0.100 sport=46832 dport=80 src=10.2.0.100 dst=10.2.0.1 sport=80 dport=40001 [ASSURED] mark=0 zone=0 use=2\n"

  @Test("counters, labels and marks between the words are passed over")
  func extras() throws {
    let counted = Self.line.replacingOccurrences("sport=46832 dport=80", "sport=46832 dport=80 packets=5 bytes=276")
      .replacingOccurrences("mark=0", "secctx=system_u:object_r:unlabeled_t:s0 mark=7 delta-time=3")
    #expect(try RecordedConntrack.parse(counted) == RecordedConntrack.parse(Self.line))
  }

  @Test("control characters between words are passed over, as spaces are", arguments: ["\t", "\r", "\u{0}", " \u{1f} "])
  func controlCharacters(text: String) throws {
    let entries = try RecordedConntrack.parse(Self.line.replacingOccurrences(" mark=0", text + "mark=0"))
    #expect(try entries == RecordedConntrack.parse(Self.line))
  }

  @Test("an offloaded connection has neither a timeout nor a state, and is not closing")
  func offloaded() throws {
    let text = Self.line.replacingOccurrences("599 TIME_WAIT ", "").replacingOccurrences("[ASSURED]", "[OFFLOAD]")
    let entry = try #require(try RecordedConntrack.parse(text).first)
    #expect(entry.isOffloaded && entry.state == .none && !entry.isClosing && entry.isSourceTranslated)
  }

  @Test(
    "CLOSE is closing, CLOSE_WAIT is not", arguments: [("CLOSE", true), ("CLOSE_WAIT", false), ("LAST_ACK", false), ("SYN_SENT", false)])
  func states(name: String, isClosing: Bool) throws {
    let entry = try #require(try RecordedConntrack.parse(Self.line.replacingOccurrences("TIME_WAIT", name)).first)
    #expect(entry.isClosing == isClosing)
  }

  @Test(
    "a broken line is named with its place",
    arguments: [
      ("ipv4", "ipv5", 1, "family"), (" 6 599", " x 599", 21, "protocol number"), ("src=10.1.0.2", "src=10.1.0.256", 41, "src"),
      ("dst=10.2.0.1 ", "dst=10.2.0 ", 105, "dst"), ("sport=46832", "sport=65536", 71, "sport"),
      ("dport=40001", "", 153, "reply direction"),
      ("zone=0", "zone=65536", 157, "zone"), ("use=2\n", "use=2", 164, "line"), ("mark=0", "src=10.0.0.1", 145, "src"),
    ] as [(String, String, Int, String)])
  func broken(word: String, replacement: String, column: Int, field: String) {
    let text = Self.line + Self.line.replacingOccurrences(word, replacement)
    let error = #expect(throws: FormatError.self) { try RecordedConntrack.parse(text) }
    #expect(error?.line == 2 && error?.column == column && error?.field == field, "\(String(describing: error))")
  }

  @Test("an entry that lacks an address or a port is counted apart")
  func incomplete() throws {
    var datagram = try RecordedConntrack.datagrams("conntrack")[0]
    // The first entry's CTA_TUPLE_ORIG becomes an attribute that nobody knows.
    #expect(datagram[22] == 1)
    datagram[22] = 99
    let (entries, _, incomplete) = try RecordedConntrack.decode([datagram])
    #expect(entries.count == 10 && incomplete == 1)
  }

  @Test("an attribute that is longer than there is room for it is named with its place")
  func brokenAttribute() throws {
    var datagram = try RecordedConntrack.datagrams("conntrack")[0]
    datagram.replaceSubrange(20..<22, with: [0xFF, 0x0F])
    let error = #expect(throws: FormatError.self) { try RecordedConntrack.decode([datagram]) }
    #expect(error?.column == 21 && error?.field == "attribute" && error?.found == "4095")
  }

  @Test("a fixed timeout keeps a connection from being closing")
  func fixedTimeout() throws {
    var datagram = try RecordedConntrack.datagrams("conntrack")[0]
    // CTA_STATUS: type 3, eight bytes; of every entry IPS_FIXED_TIMEOUT is set.
    for offset in 0..<datagram.count - 8 where Array(datagram[offset..<offset + 4]) == [8, 0, 3, 0] { datagram[offset + 6] |= 4 }
    let entries = try RecordedConntrack.decode([datagram]).entries
    #expect(entries.contains { $0.state == .timeWait })
    #expect(entries.allSatisfy { $0.hasFixedTimeout && !$0.isClosing })
  }
}

extension String {
  fileprivate func replacingOccurrences(_ text: String, _ replacement: String) -> String {
    split(separator: text, omittingEmptySubsequences: false).joined(separator: replacement)
  }
}
