import PortModel
import Scraper
import Testing

@Suite("Headroom of connect()")
struct HeadroomTests {
  @Test("a tuple has the pool less the ports it holds, and every other tuple has the whole pool")
  func perTuple() throws {
    let tree = try ProcTree(
      tcp: SocketLine.connections(40000..<40070) + SocketLine.connections(40000..<40010, to: "198.51.100.8")
        + SocketLine.connections(40000..<40005, from: "192.0.2.11") + SocketLine.connections(40000..<40003, 444))
    let connect = try tree.tcp().connect
    #expect(connect.tuples.map(\.used) == [70, 10, 5, 3])
    #expect(connect.tuples.map(\.headroom) == [30, 90, 95, 97])
    #expect(connect.capacity == 100)
    #expect(connect.tupleCounts == [.ipv4: 4, .ipv6: 0])
    #expect(connect.worst[.ipv4] == connect.tuples[0])
    #expect(connect.worst[.ipv6] == nil)
  }

  @Test("a connection holds its port in every state", arguments: (UInt8(1)...6).map { $0 } + [8, 9, 11, 12, 14, 255])
  func states(number: UInt8) throws {
    let state = SocketState(rawValue: number)
    let tree = try ProcTree(
      reuse: "0\n", tcp: SocketLine.connections(40000..<40010, state: state, timeWaitRemaining: state == .timeWait ? 30_000 : 0))
    let tuple = try #require(try tree.tcp().connect.tuples.first)
    #expect(tuple.used == 10)
    #expect(tuple.headroom == 90)
  }

  @Test("reserved ports are not in the pool, and sockets on them or outside it are not in the way")
  func outsideThePool() throws {
    let tree = try ProcTree(
      reserved: "1000,40010-40019,50000\n", tcp: SocketLine.connections([39999, 40010, 40019, 40100, 40001, 40002]))
    let pressure = try tree.tcp()
    #expect(pressure.connect.capacity == 90)
    #expect(pressure.connect.tuples.map(\.headroom) == [88])
    #expect(pressure.usage.used == 2)
    #expect(tree.snapshot().capacity == 90)
  }

  @Test(
    "a listener takes its port from every tuple, whatever its address, and the connections on it count once",
    arguments: ["0.0.0.0", "127.0.0.1", "192.0.2.10", "::", "::1", "2001:db8::5", "::ffff:192.0.2.10"])
  func listeners(address: String) throws {
    let tree = try ProcTree(
      tcp: [.listener(address, 40050)] + SocketLine.connections(40000..<40005)
        + (0..<20).map { SocketLine(.established, address, 40050, address.contains(":") ? "2001:db8::99" : "203.0.113.9", 50000 + $0) })
    let pressure = try tree.tcp()
    #expect(pressure.blocked == 1)
    #expect(pressure.connect.capacity == 99)
    #expect(pressure.connect.tuples.map(\.headroom) == [94])
    #expect(pressure.usage[.listener] == 1)
    #expect(pressure.listeners.ports == [40050])
  }

  @Test("an IPv4-mapped tuple is the IPv4 tuple, and counts as IPv4")
  func mapped() throws {
    let tree = try ProcTree(
      tcp: SocketLine.connections(40000..<40010)
        + SocketLine.connections(40010..<40030, from: "::ffff:192.0.2.10", to: "::ffff:198.51.100.7")
        + SocketLine.connections(40000..<40007, from: "2001:db8::5", to: "2001:db8:1::9"))
    let connect = try tree.tcp().connect
    #expect(connect.tuples.map(\.headroom) == [70, 93])
    #expect(connect.tupleCounts == [.ipv4: 1, .ipv6: 1])
    #expect(connect.worst[.ipv4]?.headroom == 70)
    #expect(connect.worst[.ipv6]?.headroom == 93)
  }

  @Test(
    "a TIME_WAIT gives its port back early only where the kernel reuses it",
    arguments: [
      ("0\n", "1\n", "127.0.0.1", 60, 0), ("1\n", "1\n", "127.0.0.1", 100, 40), ("2\n", "1\n", "127.0.0.1", 100, 40),
      ("0\n", "1\n", "198.51.100.7", 60, 0), ("1\n", "1\n", "198.51.100.7", 100, 40), ("2\n", "1\n", "198.51.100.7", 60, 0),
      ("1\n", "0\n", "198.51.100.7", 60, 0), ("2\n", "0\n", "127.0.0.1", 60, 0),
    ])
  func timeWait(reuse: String, timestamps: String, remote: String, headroom: Int, reusable: Int) throws {
    let tree = try ProcTree(
      reuse: reuse, timestamps: timestamps,
      tcp: SocketLine.connections(40000..<40040, to: remote, state: .timeWait, timeWaitRemaining: 58_000))
    let tuple = try #require(try tree.tcp().connect.tuples.first)
    #expect(tuple.used == 40)
    #expect(tuple.reusable == reusable)
    #expect(tuple.held == 40 - reusable)
    #expect(tuple.headroom == headroom)
  }

  @Test(
    "a TIME_WAIT becomes reusable after the delay of the namespace", arguments: [("", 20), ("1000\n", 20), ("5000\n", 10), ("0\n", 30)])
  func delay(text: String, reusable: Int) throws {
    let tree = try ProcTree(
      tcp: [(40000, 59_500), (40010, 58_000), (40020, 54_000)].flatMap { first, remaining in
        SocketLine.connections(first..<first + 10, from: "127.0.0.1", to: "127.0.0.1", state: .timeWait, timeWaitRemaining: remaining)
      })
    if !text.isEmpty { try tree.write("sys/net/ipv4/tcp_tw_reuse_delay", text) }
    #expect(try tree.tcp().connect.tuples.map(\.reusable) == [reusable])
  }

  @Test("ports in TIME_WAIT are told by when they come back, each within every later limit too")
  func returning() throws {
    let remaining: [UInt32] = [0, 4_990, 5_000, 5_010, 15_000, 15_010, 30_000, 30_010, 59_990, 60_000]
    let lines = zip(40000..., remaining).map { SocketLine(.timeWait, "192.0.2.10", $0, "198.51.100.7", 443, timeWaitRemaining: $1) }
    let tree = try ProcTree(tcp: lines + SocketLine.connections([40050, 40051], state: .finWait2))
    let tuple = try #require(try tree.tcp().connect.tuples.first)
    #expect(TupleHeadroom.returnTimes == [5, 15, 30, 60])
    #expect(tuple.returning == [3, 5, 7, 10])
    #expect(tuple.used == 12)
  }

  @Test("a full tuple has no headroom, and never less than none")
  func full() throws {
    let tree = try ProcTree(tcp: SocketLine.connections(40000...40099) + [.listener("0.0.0.0", 40100)])
    #expect(try tree.tcp().connect.tuples.map(\.headroom) == [0])
    try tree.write("net/tcp6", ProcTree.table(ProcTree.tcpHeader, [.listener("::", 40000)]))
    let connect = try tree.tcp().connect
    #expect(connect.capacity == 99)
    #expect(connect.tuples.map(\.used) == [99])
    #expect(connect.tuples.map(\.headroom) == [0])
  }

  @Test("the whole port space is a range like any other")
  func wholeRange() throws {
    let tree = try ProcTree(range: "0\t65535\n", tcp: SocketLine.connections([0, 1, 32768, 65535]))
    let connect = try tree.tcp().connect
    #expect(connect.capacity == 65536)
    #expect(connect.firstParityCapacity == 32768)
    #expect(connect.tuples.map(\.headroom) == [65532])
    #expect(connect.tuples.map(\.firstParityFree) == [32766])
  }
}
