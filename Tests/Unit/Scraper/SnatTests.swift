import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// One line of a made-up connection tracking table.
private struct Entry {
  let transport: String
  let state: String
  let client: String
  let service: String
  /// Where it really goes.
  let server: String
  /// What the client became.
  let translated: String

  /// - Parameters: an address and a port each: `10.1.0.2:4000`.
  init(
    _ client: String, _ server: String, as translated: String, service: String? = nil, _ transport: String = "tcp",
    _ state: String = "ESTABLISHED"
  ) {
    (self.client, self.server, self.translated, self.service) = (client, server, translated, service ?? server)
    (self.transport, self.state) = (transport, state)
  }

  var line: String {
    func split(_ text: String) -> (String, String) {
      let parts = text.split(separator: ":")
      return (String(parts[0]), String(parts[1]))
    }
    let (client, service, server, translated) = (split(client), split(service), split(server), split(translated))
    let number = ["tcp": 6, "udp": 17][transport] ?? 0
    return "ipv4     2 \(transport)      \(number) 100 \(transport == "tcp" ? state + " " : "")"
      + "src=\(client.0) dst=\(service.0) sport=\(client.1) dport=\(service.1) src=\(server.0) dst=\(translated.0) sport=\(server.1) "
      + "dport=\(translated.1) mark=0 zone=0 use=2\n"
  }
}

@Suite("Translated ports")
struct SnatTests {
  private static let server = "10.2.0.100:80"

  /// The pools of a tree with these entries, whose own address is 192.0.2.10.
  private func snat(
    _ entries: [Entry], lines: String = "", ranges: [SnatPool] = [], tuples: Int? = nil, readsCalmTables: Bool = true, count: Int? = nil
  ) throws -> Snat {
    let tree = try ProcTree()
    try tree.write("net/nf_conntrack", entries.map(\.line).joined() + lines)
    try tree.write("sys/net/netfilter/nf_conntrack_count", "\(count ?? entries.count)\n")
    try tree.write("sys/net/netfilter/nf_conntrack_max", "262144\n")
    let scraper = PoolScraper(
      ScraperConfiguration(
        proc: ProcFileSystem(root: tree.path), tupleLimit: tuples, snat: SnatOptions(ranges: ranges, readsCalmTables: readsCalmTables)))
    let snapshot = scraper.snapshot([.snat])
    #expect(snapshot.problems.isEmpty)
    return try #require(snapshot.own?[Snat.self])
  }

  private func pool(_ address: String, _ first: Port, _ last: Port) throws -> SnatPool {
    let address = try #require(IPAddress(address))
    return SnatPool(addresses: address...address, ports: .range(try #require(PortRange(first: first, last: last))), origin: .option)
  }

  /// An IPv6 address as the table writes it.
  private static func full(_ first: String, _ last: String) -> String { "\(first):0000:0000:0000:0000:0000:0000:\(last)" }

  private func clients(_ ports: Range<Int>, as source: String = "192.0.2.10") -> [Entry] {
    ports.map { Entry("10.1.0.2:\($0)", Self.server, as: "\(source):\($0 + 30000)") }
  }

  @Test("a tuple is the translated address, the real destination and its port")
  func tuple() throws {
    let entries = clients(1..<11) + [Entry("10.1.0.3:9", Self.server, as: "192.0.2.10:30050", service: "10.96.0.1:443")]
    let snat = try snat(entries, ranges: [pool("192.0.2.10", 30000, 30099)])
    let table = try #require(snat.table)
    #expect(table.tuples.map(\.tuple.arrow) == ["192.0.2.10 → 10.2.0.100:80"])
    #expect(table.tuples.map(\.used) == [11] && table.tuples.map(\.headroom) == [89])
    #expect(table.connections[Snat.PoolKey(.tcp, .ipv4)] == 11)
  }

  @Test("own connections and what the destination opened hold ports too")
  func own() throws {
    let entries = [
      Entry("192.0.2.10:30001", Self.server, as: "192.0.2.10:30001"), Entry(Self.server, "192.0.2.10:30002", as: Self.server),
    ]
    let table = try #require(try snat(clients(3..<5) + entries, ranges: [pool("192.0.2.10", 30000, 30099)]).table)
    #expect(table.tuples.first?.used == 4)
    #expect(table.tupleCounts[Snat.PoolKey(.tcp, .ipv4)] == 1 && table.connections[Snat.PoolKey(.tcp, .ipv4)] == 2)
  }

  @Test("an address that turns out to be translated to only at the end of the table is counted from its beginning")
  func lateSource() throws {
    // 203.0.113.7 is no address of the namespace, and no rule names it.
    let entries = [Entry("203.0.113.7:30001", Self.server, as: "203.0.113.7:30001")] + clients(2..<4, as: "203.0.113.7")
    let table = try #require(try snat(entries).table)
    #expect(table.tuples.map(\.used) == [3])
  }

  @Test("the addresses of clients that are not translated make no tuples")
  func forwarded() throws {
    let entries = (1..<50).map { Entry("10.1.0.\($0):4000", Self.server, as: "10.1.0.\($0):4000") }
    let table = try #require(try snat(entries).table)
    #expect(table.tuples.isEmpty && table.connections.values.allSatisfy { $0 == 0 })
  }

  @Test("ports of closing connections are used and can be taken over")
  func closing() throws {
    let entries =
      clients(0..<60) + (60..<100).map { Entry("10.1.0.2:\($0 + 1)", Self.server, as: "192.0.2.10:\($0 + 30000)", "tcp", "TIME_WAIT") }
    let use = try #require(try snat(entries, ranges: [pool("192.0.2.10", 30000, 30099)]).table?.tuples.first)
    #expect(use.used == 100 && use.headroom == 0)
    let evicts = KernelRelease.current.map { $0 >= KernelRelease(major: 6, minor: 5) } ?? false
    #expect(use.closing == (evicts ? 40 : 0))
    #expect(evicts ? use.failure < 0.6 && use.failure > 0 : use.failure == 1)
  }

  @Test("TCP and UDP have pools of their own, and so have two addresses")
  func apart() throws {
    let entries = clients(0..<3) + clients(0..<2, as: "192.0.2.11") + [Entry("10.1.0.2:1", Self.server, as: "192.0.2.10:30001", "udp")]
    let table = try #require(try snat(entries).table)
    #expect(table.tuples.map(\.used).sorted() == [1, 2, 3])
    #expect(table.worst[Snat.PoolKey(.udp, .ipv4)]?.used == 1)
    #expect(table.addresses.map(\.connections) == [4, 2])
  }

  @Test("IPv6 has tuples of its own, with what the gateway itself holds of them")
  func overIPv6() throws {
    let (server, source) = (Self.full("fd02", "0100"), Self.full("fd02", "0001"))
    func line(_ client: String, _ port: Int, _ translated: Int) -> String {
      "ipv6     10 tcp      6 100 ESTABLISHED src=\(client) dst=\(server) sport=\(port) dport=80 src=\(server) dst=\(source) sport=80 "
        + "dport=\(translated) mark=0 zone=0 use=2\n"
    }
    let lines =
      line(Self.full("fd01", "0002"), 4000, 40001) + line(Self.full("fd01", "0003"), 4000, 40002) + line(source, 40003, 40003)
    let table = try #require(try snat(clients(0..<2), lines: lines).table)
    let use = try #require(table.worst[Snat.PoolKey(.tcp, .ipv6)])
    #expect(use.tuple.arrow == "fd02::1 → [fd02::100]:80" && use.used == 3 && use.capacity == 64512)
    #expect(table.connections[Snat.PoolKey(.tcp, .ipv6)] == 2 && table.connections[Snat.PoolKey(.tcp, .ipv4)] == 2)
    #expect(table.addresses.map(\.connections) == [2, 2])
  }

  @Test("the identifier of an echo request takes the part of the port, from 0 on; other ICMP has no pool")
  func icmp() throws {
    func line(_ start: String, _ addresses: [String], _ types: (Int, Int), _ identifiers: (Int, Int)) -> String {
      "\(start) 29 src=\(addresses[0]) dst=\(addresses[1]) type=\(types.0) code=0 id=\(identifiers.0) src=\(addresses[1]) "
        + "dst=\(addresses[2]) type=\(types.1) code=0 id=\(identifiers.1) mark=0 zone=0 use=2\n"
    }
    let four = ["10.1.0.2", "10.2.0.100", "192.0.2.10"]
    let six = [Self.full("fd01", "0002"), Self.full("fd02", "0100"), Self.full("fd02", "0001")]
    let lines =
      line("ipv4     2 icmp     1", four, (8, 0), (5, 0)) + line("ipv4     2 icmp     1", four, (8, 0), (6, 77))
      + line("ipv4     2 icmp     1", four, (13, 14), (7, 78)) + line("ipv6     10 icmpv6   58", six, (128, 129), (5, 1))
    let table = try #require(try snat([], lines: lines).table)
    let echo = try #require(table.worst[Snat.PoolKey(.icmp, .ipv4)])
    #expect(echo.tuple.arrow == "192.0.2.10 → 10.2.0.100" && echo.used == 2 && echo.capacity == 65536)
    let echo6 = try #require(table.worst[Snat.PoolKey(.icmp, .ipv6)])
    #expect(echo6.tuple.arrow == "fd02::1 → fd02::100" && echo6.used == 1)
    #expect(table.connections[Snat.PoolKey(.icmp, .ipv4)] == 3)
  }

  @Test("a protocol without ports is counted, and holds none")
  func otherProtocol() throws {
    let line = "ipv4     2 unknown  47 598 src=10.1.0.2 dst=10.2.0.100 src=10.2.0.100 dst=192.0.2.10 mark=0 zone=0 use=2\n"
    let table = try #require(try snat([], lines: line).table)
    #expect(table.connections[Snat.PoolKey(.other, .ipv4)] == 1 && table.tuples.isEmpty)
  }

  @Test("a hundred translated addresses are each counted, in whatever order their entries come", arguments: 0..<5 as Range<UInt64>)
  func addresses(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    var expected: [String: Int] = [:]
    let entries = (0..<3000).map { number in
      let source = "203.0.113.\(Int.random(in: 1...100, using: &generator))"
      expected[source, default: 0] += 1
      return Entry("10.1.0.2:\(number + 1)", Self.server, as: "\(source):\(number + 2000)")
    }
    let addresses = try #require(try snat(entries).table).addresses
    #expect(Dictionary(uniqueKeysWithValues: addresses.map { ("\($0.address)", $0.connections) }) == expected)
    #expect(addresses.map(\.connections) == addresses.map(\.connections).sorted(by: >))
  }

  @Test("without the rules the kernel's default is assumed, and says so")
  func assumed() throws {
    let snat = try snat(clients(0..<3))
    #expect(snat.origins == [.assumed])
    #expect(snat.table?.tuples.first?.capacity == 64512)
  }

  @Test("what the user says of an address counts for it alone")
  func option() throws {
    let snat = try snat(clients(0..<3) + clients(0..<1, as: "192.0.2.11"), ranges: [pool("192.0.2.10", 30001, 30002)])
    #expect(snat.origins == [.assumed, .option])
    #expect(snat.table?.tuples.map(\.capacity) == [2, 64512])
    #expect(snat.table?.tuples.map(\.used) == [2, 1])
    #expect(snat.table?.tuples.first?.failure == 1)
  }

  @Test("a table with too few entries to fill anything is not read", arguments: [(100, true), (127, true), (128, false)])
  func calm(count: Int, isCalm: Bool) throws {
    let snat = try snat(clients(0..<3), readsCalmTables: false, count: count)
    #expect((snat.table == nil) == isCalm)
  }

  @Test("a range of 100 ports can be half full with 51 entries", arguments: [(50, true), (51, false)])
  func calmInSmallRange(count: Int, isCalm: Bool) throws {
    let snat = try snat(clients(0..<3), ranges: [pool("192.0.2.10", 30000, 30099)], readsCalmTables: false, count: count)
    #expect((snat.table == nil) == isCalm)
  }

  @Test("the worst tuples are listed, as many as are asked for, and the first one has its map")
  func list() throws {
    let entries = (1...200).flatMap { peer in
      (0..<peer % 7 + 1).map { Entry("10.1.0.2:\($0 + 1)", "10.3.0.\(peer):80", as: "192.0.2.10:\($0 + 30000)") }
    }
    let table = try #require(try snat(entries, tuples: 10).table)
    #expect(table.tuples.map(\.used) == Array(repeating: 7, count: 10))
    #expect(table.tupleCounts[Snat.PoolKey(.tcp, .ipv4)] == 200)
    #expect(table.map?.used.ports == Array(30000...30006))
  }

  @Test("without connection tracking there is nothing to say, which is no failure")
  func none() throws {
    let tree = try ProcTree()
    let snapshot = withExtendedLifetime(tree) { tree.scraper().snapshot([.snat]) }
    #expect(snapshot.problems.isEmpty && snapshot.own?[Snat.self] == nil)
  }

  @Test("a broken line fails the collector with its place, and no other collector")
  func broken() throws {
    let tree = try ProcTree()
    try tree.write("net/nf_conntrack", clients(0..<1).map(\.line).joined() + "ipv4 2 tcp 6 rubbish\n")
    let snapshot = tree.scraper().snapshot([.snat, .tcp])
    #expect(snapshot.problems.count == 1 && snapshot.problems[0].contains("net/nf_conntrack:2:"), "\(snapshot.problems)")
    #expect(snapshot.own?.tcp != nil && snapshot.own?[Snat.self] == nil)
  }

  @Test("a file that may not be read fails with the right that is missing")
  func refused() throws {
    let tree = try ProcTree()
    try tree.write("net/nf_conntrack", "")
    try tree.makeUnreadable("net/nf_conntrack")
    let problems = tree.scraper().snapshot([.snat]).problems
    #expect(problems.count == 1 && problems[0].contains("nf_conntrack"), "\(problems)")
  }

  /// Counts as the document says, over sets, with no table that forgets.
  private static func reference(_ entries: [Entry], sources: Set<String>) -> [String: Set<Int>] {
    var held: [String: Set<Int>] = [:]
    for entry in entries {
      for (from, to) in [(entry.server, entry.translated), (entry.client, entry.service)] {
        let parts = to.split(separator: ":")
        guard sources.contains(String(parts[0])), let port = Int(parts[1]) else { continue }
        held["\(entry.transport) \(parts[0]) → \(from)", default: []].insert(port)
      }
    }
    return held
  }

  @Test("it is what counting in sets gives", arguments: 0..<20 as Range<UInt64>)
  func random(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    func pick(_ words: [String]) -> String { words.randomElement(using: &generator) ?? "" }
    let sources = ["192.0.2.10", "203.0.113.7", "203.0.113.8"]
    let entries = (0..<2000).map { _ in
      let port = Int.random(in: 2000..<2100, using: &generator)
      let server = pick(["10.2.0.1:80", "10.2.0.2:80", "10.2.0.2:443"])
      let transport = pick(["tcp", "udp"])
      return switch Int.random(in: 0..<4, using: &generator) {
      case 0: Entry("\(pick(sources)):\(port)", server, as: "10.1.0.9:1", transport)
      case 1: Entry(server, "\(pick(sources)):\(port)", as: server, transport)
      default: Entry("10.1.0.2:\(port)", server, as: "\(pick(sources)):\(port)", transport)
      }
    }
    // 10.1.0.9 is translated to as well, by the first kind.
    let expected = Self.reference(entries, sources: Set(sources + ["10.1.0.9"]))
    let table = try #require(try snat(entries).table)
    let counted = Dictionary(uniqueKeysWithValues: table.tuples.map { ("\($0.tuple.transport.name) \($0.tuple.arrow)", $0.used) })
    #expect(counted == expected.mapValues { ports in ports.count { $0 >= 1024 } }.filter { $0.value > 0 })
  }
}
