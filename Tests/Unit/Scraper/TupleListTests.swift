import PortModel
import Scraper
import Testing

@Suite("The list of tuples")
struct TupleListTests {
  /// Tuple N, from 1 to 40, holds N ports.
  static let lines = (1...40).flatMap { SocketLine.connections(40000..<40000 + $0, to: "198.51.100.\($0)") }

  @Test(
    "it has the fullest tuples, as many as were asked for", arguments: [(0, 0), (1, 1), (5, 5), (39, 39), (40, 40), (1000, 40), (nil, 40)])
  func limit(limit: Int?, count: Int) throws {
    let connect = try ProcTree(tcp: Self.lines.shuffled()).tcp(tuples: limit).connect
    #expect(connect.tuples.map(\.used) == Array((1...40).reversed().prefix(count)))
    #expect(connect.tupleCounts == [.ipv4: 40, .ipv6: 0])
    #expect(connect.worst[.ipv4]?.used == 40, "whatever the limit")
  }

  @Test("tuples that hold the same are ordered by source, destination and port, so that snapshots can be compared")
  func order() throws {
    let lines =
      SocketLine.connections([40000], to: "198.51.100.7", 444) + SocketLine.connections([40000], to: "198.51.100.7", 443)
      + SocketLine.connections([40000], to: "198.51.100.10", 1) + SocketLine.connections([40000], from: "192.0.2.9", 9)
      + SocketLine.connections([40000], from: "2001:db8::5", to: "2001:db8::9", 1)
    let expected = [
      "192.0.2.9 198.51.100.7 9", "192.0.2.10 198.51.100.7 443", "192.0.2.10 198.51.100.7 444", "192.0.2.10 198.51.100.10 1",
      "2001:db8::5 2001:db8::9 1",
    ]
    for lines in [lines, lines.reversed()] {
      let tuples = try ProcTree(tcp: lines).tcp().connect.tuples.map(\.tuple)
      #expect(tuples.map { "\($0.source) \($0.destination) \($0.destinationPort)" } == expected)
      #expect(try ProcTree(tcp: lines).tcp(tuples: 2).connect.tuples.map(\.tuple) == Array(tuples.prefix(2)))
    }
  }

  @Test("what counts is what a tuple holds: reusable TIME_WAIT does not make it full")
  func reusable() throws {
    let tree = try ProcTree(
      tcp: SocketLine.connections(40000..<40050, from: "127.0.0.1", to: "127.0.0.1", state: .timeWait, timeWaitRemaining: 1000)
        + SocketLine.connections(40000..<40010))
    let connect = try tree.tcp(tuples: 1).connect
    #expect(connect.tuples.map(\.used) == [10])
    #expect(connect.worst[.ipv4]?.used == 10)
  }

  @Test("of tuples that hold the same, the one with more reusable TIME_WAIT comes first")
  func reusableAmongEquals() throws {
    let lines = [(2, "127.0.0.1"), (30, "127.0.0.2"), (3, "127.0.0.3")].flatMap { count, source in
      SocketLine.connections(40000..<40000 + count, from: source, to: "127.0.0.1", state: .timeWait, timeWaitRemaining: 1000)
    }
    let connect = try ProcTree(tcp: lines).tcp(tuples: 2).connect
    #expect(connect.tuples.map(\.reusable) == [30, 3])
    #expect(connect.worst[.ipv4]?.reusable == 30)
  }

  @Test("the tuple that is fullest if its peer uses no timestamps is named next to the one that is fullest if all do")
  func pessimistic() throws {
    func timeWait(_ ports: Range<Int>, _ source: String, _ destination: String) -> [SocketLine] {
      SocketLine.connections(ports, from: source, to: destination, state: .timeWait, timeWaitRemaining: 1000)
    }
    let lines =
      timeWait(40000..<40060, "192.0.2.10", "198.51.100.8") + timeWait(40000..<40080, "127.0.0.1", "127.0.0.1")
      + SocketLine.connections(40000..<40010)
    let connect = try ProcTree(reuse: "1\n", tcp: lines).tcp(tuples: 1).connect
    #expect(connect.worst[.ipv4]?.headroom == 90)
    #expect(connect.pessimistic[.ipv4]?.tuple.destination == IPAddress("198.51.100.8"))
    #expect(connect.pessimistic[.ipv4]?.headroom == 100 && connect.leastHeadroom(.ipv4) == 40)
    #expect(connect.leastHeadroom(.ipv6) == 100)
    // By default only loopback is reused, and both its ends are this host.
    let sure = try ProcTree(reuse: "2\n", tcp: lines).tcp(tuples: 1).connect
    #expect(sure.worst == sure.pessimistic && sure.leastHeadroom(.ipv4) == 40)
    #expect(try ProcTree(reuse: "2\n", tcp: timeWait(40000..<40080, "127.0.0.1", "127.0.0.1")).tcp().connect.leastHeadroom(.ipv4) == 100)
  }

  @Test("twenty thousand tuples are counted, and forgotten for the next snapshot")
  func many() throws {
    let many = (0..<20_000).map { SocketLine(.established, "192.0.2.10", 40000 + Port($0 % 100), "10.0.\($0 / 200).\($0 % 200)", 443) }
    let tree = try ProcTree(tcp: many)
    let scraper = tree.scraper(tuples: 3)
    for _ in 0..<2 {
      #expect(scraper.snapshot().namespaces[0].tcp?.pressure?.connect.tupleCounts == [.ipv4: 20_000, .ipv6: 0])
    }
    try tree.write(tcp: SocketLine.connections(40000..<40002))
    let few = scraper.snapshot().namespaces[0].tcp
    #expect(few == tree.snapshot(tuples: 3).tcp)
    #expect(few?.pressure?.connect.tupleCounts == [.ipv4: 1, .ipv6: 0])
    try tree.write(tcp: many)
    #expect(scraper.snapshot().namespaces[0].tcp == tree.snapshot(tuples: 3).tcp)
  }
}
