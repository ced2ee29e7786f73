import PortModel
import Scraper
import TestSupport
import Testing

@Suite("Properties of headroom")
struct HeadroomPropertyTests {
  private static let own = ["127.0.0.1", "192.0.2.10", "::1", "2001:db8::5"].map(Address.of)
  private static let locals = ["127.0.0.1", "192.0.2.10", "192.0.2.11", "::ffff:192.0.2.10", "::1", "2001:db8::5"]
  private static let listening = locals + ["0.0.0.0", "::", "::ffff:0.0.0.0"]
  private static let states: [SocketState] = [
    .established, .established, .synSent, .finWait1, .finWait2, .timeWait, .timeWait, .closeWait, .lastACK, .closing, .newSynReceived,
  ]

  /// Sockets of a few crowded tuples, each 4-tuple once, in random order.
  static func sockets(_ count: Int, in ports: ClosedRange<Port>, using random: inout SplitMix64) -> [SocketLine] {
    var seen: Set<[String]> = []
    var lines: [SocketLine] = []
    for _ in 0..<count {
      let local = locals.randomElement(using: &random) ?? ""
      let port = Port.random(in: ports, using: &random)
      if Int.random(in: 0..<12, using: &random) == 0 {
        let address = listening.randomElement(using: &random) ?? ""
        if seen.insert(["listen", "\(Address.of(address))", "\(port)"]).inserted { lines.append(.listener(address, port)) }
        continue
      }
      let peers =
        local.contains(".") ? (local.contains(":") ? ["::ffff:198.51.100.7"] : ["127.0.0.1", "198.51.100.7"]) : ["::1", "2001:db8::9"]
      let remote = peers.randomElement(using: &random) ?? ""
      let remotePort = Port.random(in: 443...444, using: &random)
      let state = states.randomElement(using: &random) ?? .established
      let remaining = state == .timeWait ? UInt32.random(in: 0...6000, using: &random) * 10 : 0
      guard seen.insert(["\(Address.of(local))", "\(port)", "\(Address.of(remote))", "\(remotePort)"]).inserted else { continue }
      lines.append(SocketLine(state, local, port, remote, remotePort, timeWaitRemaining: remaining))
    }
    return lines
  }

  /// A tree of random sockets, and the plain count of them.
  private func sample(_ seed: UInt64, repeatingRows: Bool = false) throws -> (ProcTree, ReferenceCount) {
    var random = SplitMix64(seed: seed)
    let first = Port.random(in: 40000...40001, using: &random)
    let last = first + Port.random(in: 20...90, using: &random)
    let reserved = Port.random(in: first...last, using: &random)
    let mode = UInt8.random(in: 0...2, using: &random)
    let lines = Self.sockets(Int.random(in: 1...400, using: &random), in: first - 5...last + 5, using: &random)
    let rows = repeatingRows ? (lines + lines.filter { _ in Bool.random(using: &random) }).shuffled(using: &random) : lines
    let tree = try ProcTree(range: "\(first)\t\(last)\n", reserved: "\(reserved)\n", reuse: "\(mode)\n", tcp: rows)
    let reference = ReferenceCount(
      pool: Set(first...last).subtracting([reserved]), first: first, reuse: TimeWaitReuse(mode: TimeWaitReuse.Mode(rawValue: mode)),
      sockets: Set(lines))
    return (tree, reference)
  }

  private func compare(_ pressure: TCPPressure, _ reference: ReferenceCount) {
    let tuples = reference.tuples
    #expect(pressure.blocked == reference.blocked.count)
    #expect(pressure.connect.capacity == reference.capacity)
    #expect(pressure.connect.firstParityCapacity == reference.firstParityCapacity)
    #expect(pressure.connect.tuples.count == tuples.count)
    #expect(pressure.wrongParity == reference.wrongParity)
    for tuple in pressure.connect.tuples {
      guard let ports = tuples[tuple.tuple] else {
        Issue.record("no socket has tuple \(tuple.tuple)")
        continue
      }
      let held = reference.held(ports)
      #expect(tuple.used == ports.count)
      #expect(tuple.reusable == ports.count - held.count)
      #expect(tuple.headroom == reference.capacity - held.count)
      #expect(tuple.firstParityFree == reference.firstParityCapacity - held.count(where: reference.isFirstParity))
      #expect(tuple.returning == TupleHeadroom.returnTimes.map { reference.returning(ports, within: $0) })
    }
    for family in AddressFamily.allCases {
      let ofFamily = pressure.connect.tuples.filter { $0.family == family }
      #expect(pressure.connect.tupleCounts[family] == ofFamily.count)
      #expect(pressure.connect.worst[family] == ofFamily.first)
      #expect(pressure.connect.worst[family]?.headroom == ofFamily.map(\.headroom).min())
    }
  }

  @Test("tuples, capacity and parity are what a plain count with sets says", arguments: UInt64(1)...24)
  func plainCount(seed: UInt64) throws {
    let (tree, reference) = try sample(seed)
    try compare(tree.tcp(), reference)
  }

  @Test("rows that repeat while a table changes count once", arguments: UInt64(101)...112)
  func repeatedRows(seed: UInt64) throws {
    let (tree, reference) = try sample(seed, repeatingRows: true)
    try compare(tree.tcp(), reference)
  }

  @Test("uses are a partition of the used ports", arguments: UInt64(1)...12)
  func uses(seed: UInt64) throws {
    let (tree, reference) = try sample(seed, repeatingRows: true)
    let usage = try tree.tcp().usage
    #expect(PortUse.held.reduce(0) { $0 + usage[$1] } == usage.used)
    #expect(usage.used == reference.used.count)
    let uses = reference.uses(own: Set(Self.own))
    for use in PortUse.held {
      #expect(usage[use] == uses.values.count { $0 == use }, "\(use)")
      #expect(usage[use] == usage.map.count { $0 == use })
    }
  }

  @Test("binds left are what a plain count says, address by address", arguments: UInt64(1)...12)
  func binds(seed: UInt64) throws {
    let (tree, reference) = try sample(seed)
    let bind = try tree.tcp().bind
    #expect(bind.wildcard == reference.bindHeadroom(.anyIPv4))
    #expect(bind.wildcardIPv6 == reference.bindHeadroom(.anyIPv6))
    #expect(bind.other == reference.bindHeadroom(Address.of("203.0.113.77")))
    #expect(bind.otherIPv6 == reference.bindHeadroom(Address.of("2001:db8::77")))
    for address in bind.addresses { #expect(address.headroom == reference.bindHeadroom(address.address), "\(address.address)") }
    #expect(bind.addresses.map(\.headroom) == bind.addresses.map(\.headroom).sorted())
  }

  @Test("the order of rows does not matter, listeners aside", arguments: UInt64(1)...8)
  func order(seed: UInt64) throws {
    let (tree, reference) = try sample(seed)
    let before = try tree.tcp()
    try tree.write(tcp: reference.sockets.sorted { ($0.localPort, $0.remote, $0.local) > ($1.localPort, $1.remote, $1.local) })
    #expect(try tree.tcp() == before)
  }

  @Test("one more connection takes one port from its own tuple and none from any other", arguments: UInt64(1)...8)
  func oneMore(seed: UInt64) throws {
    let (tree, reference) = try sample(seed)
    let before = try tree.tcp().connect.tuples
    let tuple = Tuple(source: Address.of("192.0.2.10"), destination: Address.of("198.51.100.7"), destinationPort: 443)
    let taken = reference.blocked.union((reference.tuples[tuple] ?? [:]).keys)
    let free = try #require(reference.pool.subtracting(taken).min())
    let line = SocketLine(.established, "192.0.2.10", free, "198.51.100.7", 443)
    try tree.write(tcp: Array(reference.sockets) + [line])
    let after = Dictionary(uniqueKeysWithValues: try tree.tcp().connect.tuples.map { ($0.tuple, $0.headroom) })
    for entry in before { #expect(after[entry.tuple] == entry.headroom - (entry.tuple == tuple ? 1 : 0)) }
  }

  @Test("in a pool of any size a row that repeats is never counted more than twice, and from 221 ports on only once")
  func repeatedRowsOfLargePool() throws {
    let lines = SocketLine.connections(32768..<42768)
    let tree = try ProcTree(range: "32768\t60999\n", tcp: lines + lines)
    let tuple = try #require(try tree.tcp().connect.tuples.first)
    #expect((10_000...10_221).contains(tuple.used))
    #expect(try tree.tcp().usage.used == 10_000)
  }
}
