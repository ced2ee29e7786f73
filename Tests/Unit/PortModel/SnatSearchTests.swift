import PortModel
import TestSupport
import Testing

@Suite("The search for a port to translate to")
struct SnatSearchTests {
  /// The same number the slow way: every start of every window, and every port of each.
  private static func reference(_ used: Set<Int>, _ closing: Set<Int>, first: Int, count: Int) -> Double {
    let windows = count <= 128 ? [count] : [128, 64, 32, 16, 8]
    return windows.reduce(1) { chance, window in
      var sum = 0.0
      for start in 0..<count {
        let ports = (0..<window).map { first + (start + $0) % count }
        guard ports.allSatisfy(used.contains) else { continue }
        let giving = ports.suffix(32).count(where: closing.contains)
        sum += (0..<giving).reduce(1.0) { half, _ in half / 2 }
      }
      return chance * sum / Double(count)
    }
  }

  private static func failure(_ used: Set<Int>, _ closing: Set<Int> = [], first: Int, count: Int) throws -> Double {
    var sets = (PortSet(), PortSet())
    for port in used { sets.0.insert(Port(port)) }
    for port in closing { sets.1.insert(Port(port)) }
    let range = try #require(PortRange(first: Port(first), last: Port(first + count - 1)))
    return SnatSearch.failure(used: sets.0, closing: sets.1, in: range)
  }

  @Test("it is what trying every start gives, in ranges of every kind", arguments: 0..<60 as Range<UInt64>)
  func random(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let count = [1, 2, 31, 32, 33, 64, 100, 127, 128, 129, 130, 200, 300, 1000].randomElement(using: &generator) ?? 1
    let first = Int.random(in: 0...(65536 - count), using: &generator)
    // From sparse to full, with a solid block in it or not.
    let fills: [Double] = [0.5, 0.9, 0.97, 0.99, 1]
    let fill = fills[Int.random(in: 0..<fills.count, using: &generator)]
    var used = Set((first..<first + count).filter { _ in Double.random(in: 0..<1, using: &generator) < fill })
    if Bool.random(using: &generator) {
      let start = Int.random(in: 0..<count, using: &generator)
      for step in 0..<min(count, 150) { used.insert(first + (start + step) % count) }
    }
    let closing = Set(used.filter { _ in Int.random(in: 0..<8, using: &generator) == 0 })
    used.insert(max(0, first - 1))
    for closing in [Set<Int>(), closing] {
      let expected = Self.reference(used, closing, first: first, count: count)
      let chance = try Self.failure(used, closing, first: first, count: count)
      #expect(abs(chance - expected) < 1e-12 + expected * 1e-9, "\(chance), expected \(expected)")
    }
  }

  @Test("a range of at most 128 ports is searched whole")
  func small() throws {
    let used = Set(40000...40098)
    #expect(try Self.failure(used, first: 40000, count: 100) == 0)
    #expect(try Self.failure(used.union([40099]), first: 40000, count: 100) == 1)
  }

  @Test("a full range with closing connections gives way with one half for each in reach: 10 ports, 3 closing")
  func closing() throws {
    #expect(try Self.failure(Set(1...10), [2, 5, 9], first: 1, count: 10) == 0.125)
  }

  @Test("a solid block of half a range fails although the other half is free")
  func block() throws {
    let chance = try Self.failure(Set(20000..<20750), first: 20000, count: 1000)
    #expect((0.165...0.17).contains(chance), "\(chance)")
  }

  @Test("a run that goes over the end of the range is one run")
  func wrapped() throws {
    let wrapped = Set(1000..<1100).union(1200..<1300)
    #expect(try Self.failure(wrapped, first: 1000, count: 300) == Self.failure(Set(1000..<1200), first: 1000, count: 300))
    #expect(try Self.failure(wrapped, first: 1000, count: 300) > 0)
  }

  @Test("the whole pool of a masquerade, as full as kept ports make it")
  func keptPorts() throws {
    // Linux clients keep 32768–60999; of the rest so many are in use at random that 61 % are.
    var generator = SplitMix64(seed: 1)
    let rest = Array(1024..<32768) + Array(61000..<65536)
    let used = Set(32768...60999).union(rest.shuffled(using: &generator).prefix(11_200))
    let chance = try Self.failure(used, first: 1024, count: 64512)
    #expect((0.015...0.019).contains(chance), "\(chance)")
  }
}
