import PortModel
import TestSupport
import Testing

@testable import Scraper

@Suite("The table of translated tuples")
struct SnatTupleTableTests {
  private static func tuple(_ number: Int) -> SnatTuple {
    SnatTuple(
      transport: number % 2 == 0 ? .tcp : .udp, source: IPAddress(ipv4: 0xC000_0207), destination: IPAddress(ipv4: UInt32(number)),
      destinationPort: 443)
  }

  /// What the table holds, by tuple.
  private static func held(_ table: inout SnatTupleTable) -> [SnatTuple: [Port]] {
    table.finish()
    var held: [SnatTuple: [Port]] = [:]
    for number in 0..<table.count {
      var ports: [Port] = []
      table.forEachPort(of: number) { port, _ in ports.append(port) }
      held[table[number].tuple] = ports.sorted()
    }
    return held
  }

  @Test("while every tuple fits, each has exactly its ports", arguments: [1, 15, 16, 31, 1000])
  func exact(count: Int) {
    var table = SnatTupleTable(limit: 1000)
    var expected: [SnatTuple: [Port]] = [:]
    for port in 0..<count {
      for number in 0..<7 {
        table.note(Self.tuple(number), port: Port(port), isClosing: false, isTranslated: true)
        expected[Self.tuple(number), default: []].append(Port(port))
      }
    }
    #expect(Self.held(&table) == expected)
    #expect(table.uncountedPorts == 0)
  }

  @Test(
    "with more tuples than fit no count is too high, none is too low by more than is said, and a large tuple stays",
    arguments: 1...10 as ClosedRange<UInt64>)
  func bounded(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var table = SnatTupleTable(limit: 64)
    var expected: [SnatTuple: Set<Port>] = [:]
    for step in 0..<5000 {
      // One connection of ten belongs to the same tuple, the rest to any of two thousand.
      let tuple = Self.tuple(step % 10 == 0 ? 0 : Int.random(in: 1...2000, using: &generator))
      table.note(tuple, port: Port(step), isClosing: false, isTranslated: true)
      expected[tuple, default: []].insert(Port(step))
      #expect(table.count <= 64)
    }
    let held = Self.held(&table)
    #expect(table.uncountedPorts > 0)
    for (tuple, ports) in expected {
      let counted = Set(held[tuple] ?? [])
      #expect(counted.isSubset(of: ports) && counted.count + table.uncountedPorts >= ports.count)
    }
    #expect((held[Self.tuple(0)]?.count ?? 0) + table.uncountedPorts >= 500 && held[Self.tuple(0)] != nil)
  }

  @Test("a table that was emptied has nothing of the time before")
  func emptied() {
    var table = SnatTupleTable(limit: 4)
    for number in 0..<100 { table.note(Self.tuple(number), port: 1, isClosing: true, isTranslated: true) }
    table.removeAll()
    #expect(table.count == 0 && table.uncountedPorts == 0)
    table.note(Self.tuple(3), port: 9, isClosing: false, isTranslated: false)
    #expect(Self.held(&table) == [Self.tuple(3): [9]])
  }
}
