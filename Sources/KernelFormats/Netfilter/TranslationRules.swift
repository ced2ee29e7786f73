package import PortModel

/// Asks nf_tables for all its rules, or for the number of its present generation, which every change of a rule raises.
///
/// Kernel: `nf_tables_getrule`, `nf_tables_getgen` in `net/netfilter/nf_tables_api.c`.
package enum TranslationRulesRequest {
  package static func rules(sequence: UInt32) -> [UInt8] {
    Netlink.request(getRule, sequence: sequence, Netfilter.body)
  }

  /// With an acknowledgement behind the answer, so that its end shows.
  package static func generation(sequence: UInt32) -> [UInt8] {
    Netlink.request(getGeneration, flags: Netlink.requestFlag | Netlink.acknowledgeFlag, sequence: sequence, Netfilter.body)
  }

  /// `NFNL_SUBSYS_NFTABLES` above the message's number.
  static let newRule: UInt16 = 0xA06
  static let getRule: UInt16 = 0xA07
  static let newGeneration: UInt16 = 0xA0F
  static let getGeneration: UInt16 = 0xA10
}

/// Reads the number of the rules' generation. Kernel: `nf_tables_fill_gen_info`.
package struct RuleGenerationDecoder: Sendable {
  private var dump: NetlinkDump
  package private(set) var generation: UInt32?

  package init(sequence: UInt32) {
    dump = NetlinkDump("nf_tables", sequence: sequence, messageType: TranslationRulesRequest.newGeneration, bodySize: Netfilter.bodySize)
  }

  package mutating func decode(_ datagram: borrowing Span<UInt8>) throws(FormatError) -> NetlinkDump.Progress {
    var found: UInt32?
    let progress = try dump.forEachMessage(datagram) { bytes, start, end in
      var attributes = NetlinkAttributes(start + Netfilter.bodySize, end)
      while let (type, value) = attributes.next(in: bytes) {
        if type == 1, value.count >= 4 { found = bytes.loadBig32(value.lowerBound) }
      }
    }
    generation = found ?? generation
    return progress
  }
}

/// Reads what the rules translate sources to, one datagram after the other.
///
/// ```
/// oifname "r1" meta l4proto tcp masquerade to :40000-40099     masq, ports in registers that immediates were loaded to
/// ip saddr 10.0.0.0/8 snat to 10.2.0.1-10.2.0.4                nat, addresses likewise
/// snat to ip saddr map @places                                 from a map: addresses and ports are not in the rule
/// -j SNAT --to-source 10.2.0.1:20000-20999                     target, with the structure of iptables in it
/// ```
/// Every rule counts, in whichever chain it is. Of the packets that it is for, only protocol and family are considered: a pool that is too small
/// raises an alarm too early, one that is too large raises none at all.
///
/// Kernel: `nf_tables_fill_rule_info`; `nft_nat.c`, `nft_masq.c`, `nft_compat.c` in `net/netfilter`.
package struct TranslationRulesDecoder: Sendable {
  private var dump: NetlinkDump
  /// The rules changed during the dump.
  package var isInterrupted: Bool { dump.isInterrupted }

  package init(sequence: UInt32) {
    dump = NetlinkDump("nf_tables", sequence: sequence, messageType: TranslationRulesRequest.newRule, bodySize: Netfilter.bodySize)
  }

  /// Adds the pools of the rules in `datagram` to `pools`.
  package mutating func decode(
    _ datagram: borrowing Span<UInt8>, into pools: inout Set<SnatPool>
  ) throws(FormatError) -> NetlinkDump.Progress {
    var found: [SnatPool] = []
    let progress = try dump.forEachMessage(datagram) { bytes, start, end in
      var rule = RuleReader(family: bytes[start])
      rule.read(bytes, start + Netfilter.bodySize, end)
      found += rule.pools
    }
    pools.formUnion(found)
    return progress
  }
}

/// Follows the expressions of one rule, and what they leave in the registers.
private struct RuleReader {
  private(set) var pools: [SnatPool] = []
  private var family: AddressFamily?
  private var transports: Set<TrackedProtocol> = []
  /// What immediates loaded, by register.
  private var constants: [UInt32: [UInt8]] = [:]
  /// What of the packet is in a register.
  private var loaded: [UInt32: PacketField] = [:]

  private enum PacketField { case transport, family }

  /// - Parameter family: of the table: `NFPROTO_IPV4`, `NFPROTO_IPV6`, or `NFPROTO_INET` for both.
  init(family: UInt8) {
    self.family = AddressFamily(netfilter: family)
  }

  mutating func read(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) {
    var attributes = NetlinkAttributes(start, end)
    while let (type, value) = attributes.next(in: bytes) {
      // NFTA_RULE_EXPRESSIONS
      guard type == 4 else { continue }
      var elements = NetlinkAttributes(value)
      while let (_, element) = elements.next(in: bytes) {
        var (name, data) = (0..<0, 0..<0)
        var parts = NetlinkAttributes(element)
        while let (part, value) = parts.next(in: bytes) {
          if part == 1 { name = value } else if part == 2 { data = value }
        }
        read(bytes.name(name), Fields(bytes, data), bytes)
      }
    }
  }

  private mutating func read(_ name: String, _ fields: Fields, _ bytes: borrowing Span<UInt8>) {
    switch name {
    case "immediate":
      guard let register = fields.number(1, bytes) else { return }
      constants[register] = fields.constant(2, bytes)
    case "meta":
      guard let register = fields.number(1, bytes) else { return }
      // NFT_META_L4PROTO, NFT_META_NFPROTO
      load(register, [16: PacketField.transport, 15: .family][fields.number(2, bytes) ?? 0])
    case "payload":
      guard let register = fields.number(1, bytes) else { return }
      let isTransport = fields.number(2, bytes) == 1 && fields.number(4, bytes) == 1 && fields.number(3, bytes) == (family == .ipv6 ? 6 : 9)
      load(register, isTransport ? .transport : nil)
    case "cmp":
      guard let register = fields.number(1, bytes), let field = loaded[register], let value = fields.constant(3, bytes)?.first else {
        return
      }
      compare(field, isEqual: fields.number(2, bytes) == 0, value)
    case "lookup":
      if let register = fields.number(2, bytes), loaded[register] == .transport { transports = [.tcp, .udp] }
      if let register = fields.number(3, bytes) { load(register, nil) }
    case "masq":
      add(addresses: (nil, nil), ports: (fields.number(2, bytes), fields.number(3, bytes)), isMasquerade: true)
    case "nat":
      // NFT_NAT_SNAT; and not of whole networks (NF_NAT_RANGE_NETMAP), which have no pool.
      guard fields.number(1, bytes) == 0, (fields.number(7, bytes) ?? 0) & 0x40 == 0 else { return }
      family = fields.number(2, bytes).flatMap { AddressFamily(netfilter: UInt8(truncatingIfNeeded: $0)) } ?? family
      add(
        addresses: (fields.number(3, bytes), fields.number(4, bytes)), ports: (fields.number(5, bytes), fields.number(6, bytes)),
        isMasquerade: false)
    case "target":
      guard ["SNAT", "MASQUERADE"].contains(fields.text(1, bytes)), let information = fields[3] else { return }
      if let family, let pool = SnatPool(target: bytes, information, family: family, transports: transports) { pools.append(pool) }
    case "counter", "log", "limit", "quota", "match":
      return
    default:
      // What else there is may put something into a register, which one of the first three attributes then names.
      for attribute in 1...3 { if let register = fields.number(UInt16(attribute), bytes) { load(register, nil) } }
    }
  }

  private mutating func load(_ register: UInt32, _ field: PacketField?) {
    loaded[register] = field
    constants[register] = nil
  }

  private mutating func compare(_ field: PacketField, isEqual: Bool, _ value: UInt8) {
    switch field {
    case .transport:
      let named = TrackedProtocol(number: value)
      transports = isEqual ? [named] : Set(TrackedProtocol.allCases).subtracting([named])
    case .family:
      if isEqual { family = AddressFamily(netfilter: value) ?? family }
    }
  }

  private mutating func add(addresses: (UInt32?, UInt32?), ports: (UInt32?, UInt32?), isMasquerade: Bool) {
    var range: ClosedRange<IPAddress>?
    if let first = addresses.0.flatMap({ constants[$0] }).flatMap(IPAddress.init(netfilter:)) {
      let last = addresses.1.flatMap { constants[$0] }.flatMap(IPAddress.init(netfilter:)) ?? first
      if first <= last { range = first...last }
    }
    // An address from a map may have its ports from there too, in a register of its own.
    var result = SnatPool.Ports.every
    if let register = ports.0 {
      let first = constants[register].flatMap(Port.init(netfilter:))
      let last = (ports.1 ?? ports.0).flatMap { constants[$0] }.flatMap(Port.init(netfilter:))
      result = first.flatMap { first in last.flatMap { PortRange(first: first, last: $0) } }.map { .range($0) } ?? .unreadable
    }
    pools.append(SnatPool(transports: transports, family: family, addresses: range, ports: result, origin: .rules))
  }
}

/// The attributes of one expression, by type.
private struct Fields {
  private var ranges: [UInt16: Range<Int>] = [:]

  init(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    var attributes = NetlinkAttributes(range)
    while let (type, value) = attributes.next(in: bytes) { ranges[type] = value }
  }

  subscript(_ type: UInt16) -> Range<Int>? { ranges[type] }

  /// Four bytes in network order.
  func number(_ type: UInt16, _ bytes: borrowing Span<UInt8>) -> UInt32? {
    ranges[type].flatMap { $0.count >= 4 ? bytes.loadBig32($0.lowerBound) : nil }
  }

  func text(_ type: UInt16, _ bytes: borrowing Span<UInt8>) -> String { ranges[type].map { bytes.name($0) } ?? "" }

  /// What is inside `NFTA_DATA_VALUE`.
  func constant(_ type: UInt16, _ bytes: borrowing Span<UInt8>) -> [UInt8]? {
    guard let range = ranges[type] else { return nil }
    var attributes = NetlinkAttributes(range)
    while let (type, value) = attributes.next(in: bytes) {
      if type == 1 { return value.map { bytes[$0] } }
    }
    return nil
  }
}

extension SnatPool {
  /// Reads the structure of a target of iptables: `nf_nat_ipv4_multi_range_compat` in the first revisions for IPv4, `nf_nat_range` otherwise.
  ///
  /// Kernel: `net/netfilter/xt_nat.c`, `net/netfilter/xt_MASQUERADE.c`.
  init?(target bytes: borrowing Span<UInt8>, _ information: Range<Int>, family: AddressFamily, transports: Set<TrackedProtocol>) {
    let isShort = information.count < 40
    let start = information.lowerBound + (isShort ? 4 : 0)
    guard information.count >= (isShort ? 20 : 40) else { return nil }
    let flags = bytes.load32(start)
    let size = isShort ? 4 : 16
    func address(_ place: Int) -> IPAddress {
      family == .ipv4 ? IPAddress(ipv4: bytes.loadBig32(place)) : IPAddress(high: bytes.loadBig64(place), low: bytes.loadBig64(place + 8))
    }
    guard !isShort || family == .ipv4 else { return nil }
    var addresses: ClosedRange<IPAddress>?
    // NF_NAT_RANGE_MAP_IPS, NF_NAT_RANGE_PROTO_SPECIFIED
    if flags & 1 != 0 {
      let (first, last) = (address(start + 4), address(start + 4 + size))
      if first <= last { addresses = first...last }
    }
    var ports = Ports.every
    if flags & 2 != 0 {
      let place = start + 4 + 2 * size
      ports = PortRange(first: bytes.loadBig16(place), last: bytes.loadBig16(place + 2)).map { .range($0) } ?? .unreadable
    }
    self.init(transports: transports, family: family, addresses: addresses, ports: ports, origin: .rules)
  }
}

extension AddressFamily {
  /// `NFPROTO_IPV4` or `NFPROTO_IPV6`; `nil` for what is both.
  init?(netfilter number: UInt8) {
    switch number {
    case 2: self = .ipv4
    case 10: self = .ipv6
    default: return nil
    }
  }
}

extension IPAddress {
  fileprivate init?(netfilter bytes: [UInt8]) {
    let span = bytes.span
    switch bytes.count {
    case 4: self.init(ipv4: span.loadBig32(0))
    case 16: self.init(high: span.loadBig64(0), low: span.loadBig64(8))
    default: return nil
    }
  }
}

extension Port {
  fileprivate init?(netfilter bytes: [UInt8]) {
    guard bytes.count >= 2 else { return nil }
    self = bytes.span.loadBig16(0)
  }
}

extension Span<UInt8> {
  /// The text up to the byte 0.
  func name(_ range: Range<Int>) -> String {
    String(decoding: range.prefix { self[$0] != 0 }.map { self[$0] }, as: UTF8.self)
  }
}
