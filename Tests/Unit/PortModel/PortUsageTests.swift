import PortModel
import TestSupport
import Testing

@Suite("what holds the ports of a pool")
struct PortUsageTests {
  @Test("a map is read as it was written, whether uses repeat or not", arguments: [1, 2, 100, 28_232, 65_535, 65_536])
  func map(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let few = (0..<count).map { $0 % 977 == 5 ? PortUse.client : .free }
    let mixed = (0..<count).map { _ in PortUse.allCases.randomElement(using: &random) ?? .free }
    for map in [few, mixed, [PortUse](repeating: .free, count: count)] {
      let usage = PortUsage(map: map)
      #expect(usage.map == map)
      #expect(usage.used == map.count { PortUse.held.contains($0) } && usage[.client] == map.count { $0 == .client })
    }
  }

  @Test("where only counts are known there is no map")
  func countsOnly() {
    let usage = PortUsage(counts: [.client: 3, .closing: 2])
    #expect(usage.map.isEmpty && usage.used == 5 && usage[.free] == 0)
  }
}
