import PortModel
import Scraper
import TestSupport
import Testing

@Suite("First and second parity")
struct ParityTests {
  static let evens = stride(from: 40000, to: 40100, by: 2)
  static let odds = stride(from: 40001, to: 40100, by: 2)

  @Test(
    "the first parity is that of the range's low end",
    arguments: [("40000\t40099\n", 45, 50, 50), ("40001\t40100\n", 45, 46, 50), ("40000\t40100\n", 46, 51, 51)])
  func lowEnd(range: String, freeOfEvens: Int, freeOfOdds: Int, capacity: Int) throws {
    let tree = try ProcTree(
      range: range, tcp: SocketLine.connections(Self.evens.prefix(5)) + SocketLine.connections(Self.odds.prefix(4), 444))
    let connect = try tree.tcp().connect
    let isEven = !range.hasPrefix("40001")
    #expect(connect.firstParityCapacity == capacity)
    #expect(connect.tuples.map(\.firstParityFree) == (isEven ? [freeOfEvens, capacity] : [capacity, freeOfOdds]))
  }

  @Test("blocked and reserved ports are not free ports of the first parity")
  func blocked() throws {
    let tree = try ProcTree(
      reserved: "40020,40021\n", tcp: [.listener("0.0.0.0", 40010), .listener("::", 40011)] + SocketLine.connections([40000]))
    let connect = try tree.tcp().connect
    #expect(connect.capacity == 96)
    #expect(connect.firstParityCapacity == 48)
    #expect(connect.tuples.map(\.firstParityFree) == [47])
  }

  @Test("a reusable TIME_WAIT of the first parity is free again")
  func reusable() throws {
    let tree = try ProcTree(
      tcp: SocketLine.connections(
        40000..<40020, from: "127.0.0.1", to: "127.0.0.1", state: .timeWait, timeWaitRemaining: 1000)
        + SocketLine.connections(40020..<40024, from: "127.0.0.1", to: "127.0.0.1"))
    let tuple = try #require(try tree.tcp().connect.tuples.first)
    #expect(tuple.reusable == 20)
    #expect(tuple.firstParityFree == 48)
  }

  @Test("second-parity ports are wrong while the tuple's first parity has room")
  func wrong() throws {
    let tree = try ProcTree(
      tcp: SocketLine.connections(Self.evens.prefix(20)) + SocketLine.connections(Self.odds.prefix(7))
        + SocketLine.connections(Self.odds.prefix(9), to: "198.51.100.8"))
    #expect(try tree.tcp().wrongParity == 9, "ports, not sockets")
  }

  @Test("second-parity ports of a tuple that has used up its first parity are not wrong")
  func exhausted() throws {
    let exhausted = SocketLine.connections(Self.evens) + SocketLine.connections(Self.odds.prefix(30))
    #expect(try ProcTree(tcp: exhausted).tcp().wrongParity == 0)
    #expect(try ProcTree(tcp: exhausted.reversed()).tcp().wrongParity == 0)
    let other = SocketLine.connections([40003, 40091], to: "198.51.100.8")
    #expect(try ProcTree(tcp: exhausted + other).tcp().wrongParity == 2)
    #expect(try ProcTree(tcp: other + exhausted).tcp().wrongParity == 2)
  }

  @Test("listeners and reserved ports use up a parity too")
  func blockedParity() throws {
    let listeners = Self.evens.prefix(40).map { SocketLine.listener("0.0.0.0", Port($0)) }
    let tuple = SocketLine.connections(Self.evens.dropFirst(40)) + SocketLine.connections(Self.odds.prefix(3))
    #expect(try ProcTree(tcp: listeners + tuple).tcp().wrongParity == 0)
    #expect(try ProcTree(tcp: listeners + tuple.dropFirst()).tcp().wrongParity == 3)
    #expect(try ProcTree(reserved: "40000\n", tcp: listeners + tuple).tcp().wrongParity == 0)
  }

  @Test("an exhausted tuple of a large pool is found out in any order of its sockets", arguments: UInt64(1)...8)
  func largePool(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let first = stride(from: 30000, to: 34096, by: 2)
    let second = stride(from: 30001, to: 34096, by: 2)
    let exhausted = (SocketLine.connections(first) + SocketLine.connections(second.prefix(300))).shuffled(using: &random)
    let roomy = SocketLine.connections(first.prefix(900), 444) + SocketLine.connections(second.suffix(40), 444)
    let few = SocketLine.connections(second.suffix(50).prefix(20), 445)
    let tree = try ProcTree(range: "30000\t34095\n", tcp: (exhausted + roomy + few).shuffled(using: &random))
    #expect(try tree.tcp().wrongParity == 50)
  }
}
