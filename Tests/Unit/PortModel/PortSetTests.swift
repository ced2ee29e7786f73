import PortModel
import TestSupport
import Testing

@Suite("Sets of ports")
struct PortSetTests {
  /// Ranges that begin and end at, before and behind the edges of the 64-bit words.
  static let ranges: [(Port, Port)] = [
    (0, 0), (0, 63), (0, 64), (1, 62), (63, 63), (63, 64), (64, 64), (64, 127), (65, 126), (100, 300), (127, 128),
    (32768, 60999), (65472, 65535), (65535, 65535), (0, 65535),
  ]

  @Test("a range's ports are all inserted, and no other", arguments: ranges)
  func insertRange(first: Port, last: Port) throws {
    var set = PortSet()
    set.insert(try #require(PortRange(first: first, last: last)))
    #expect(set.ports == Array(first...last))
    #expect(set.count == Int(last) - Int(first) + 1)
    #expect(set.ranges == [PortRange(first: first, last: last)])
  }

  @Test("inserting a range leaves what was there")
  func insertAgain() throws {
    var set: PortSet = [10, 40, 64, 200]
    set.insert(try #require(PortRange(first: 30, last: 70)))
    #expect(set.ports == [10] + Array(30...70) + [200])
  }

  @Test("even and odd ports add up to all of them", arguments: ranges)
  func parity(first: Port, last: Port) throws {
    var set = PortSet()
    set.insert(try #require(PortRange(first: first, last: last)))
    let (even, odd) = (set.count(parityOf: 0), set.count(parityOf: 1))
    #expect(even == (first...last).count { $0.isMultiple(of: 2) })
    #expect(even + odd == set.count)
    #expect(set.count(parityOf: 40000) == even)
    #expect(set.count(parityOf: 65535) == odd)
  }

  @Test("set operations agree with the standard library's sets", arguments: UInt64(1)...20)
  func operations(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let left = Set((0..<400).map { _ in Port.random(in: 0...1000, using: &random) })
    let right = Set((0..<400).map { _ in Port.random(in: 0...1000, using: &random) })
    let (a, b) = (Self.set(left), Self.set(right))
    #expect(a.count == left.count)
    #expect(Self.changed(a) { $0.formUnion(b) } == left.union(right).sorted())
    #expect(Self.changed(a) { $0.subtract(b) } == left.subtracting(right).sorted())
    #expect(Self.changed(a) { $0.formIntersection(b) } == left.intersection(right).sorted())
    #expect(a.countCommon(with: b) == left.intersection(right).count)
    #expect(Self.changed(a) { set in right.forEach { set.remove($0) } } == left.subtracting(right).sorted())
    #expect((0...1000).allSatisfy { a.contains($0) == left.contains($0) })
  }

  @Test("ranges are the fewest that name every port", arguments: UInt64(1)...20)
  func fewestRanges(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let ports = Set((0..<200).map { _ in Port.random(in: 0...400, using: &random) })
    let ranges = Self.set(ports).ranges
    #expect(ranges.flatMap { Array($0.first...$0.last) } == ports.sorted())
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.last + 1 < $1.first })
  }

  @Test("the last port ends a range, and nothing wraps around to the first")
  func ends() {
    let set: PortSet = [0, 1, 65534, 65535]
    #expect(set.ranges.map(\.description) == ["0-1", "65534-65535"])
  }

  @Test("an emptied set equals a new one")
  func empty() {
    var set: PortSet = [0, 65535]
    #expect(!set.isEmpty)
    set.removeAll()
    #expect(set.isEmpty)
    #expect(set == PortSet())
    #expect(set.ranges.isEmpty)
  }

  private static func set(_ ports: Set<Port>) -> PortSet {
    var set = PortSet()
    ports.forEach { set.insert($0) }
    return set
  }

  private static func changed(_ set: PortSet, _ change: (inout PortSet) -> Void) -> [Port] {
    var set = set
    change(&set)
    return set.ports
  }
}
