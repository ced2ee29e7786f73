import PortModel
import Testing

@Suite("IANA ranges")
struct IANARangeTests {
  @Test(
    "a port at the edge of a range is in that range",
    arguments: [
      (0, .wellKnown), (1, .wellKnown), (1023, .wellKnown),
      (1024, .registered), (32768, .registered), (49151, .registered),
      (49152, .dynamic), (60999, .dynamic), (65535, .dynamic),
    ] as [(Port, IANARange)])
  func edges(_ port: Port, _ range: IANARange) {
    #expect(IANARange(of: port) == range)
    #expect(range.ports.contains(port))
  }

  @Test("every port is in exactly one range, the one it is counted in")
  func partition() {
    for port in Port.min...Port.max {
      #expect(IANARange.allCases.filter { $0.ports.contains(port) } == [IANARange(of: port)])
    }
    #expect(IANARange.allCases.map(\.ports.count) == [1024, 48128, 16384])
  }

  @Test("the default pool has 28,232 ports, of which 11,848 are dynamic to IANA")
  func defaultPool() {
    let pool = PoolSettings(range: .linuxDefault).pool
    var dynamic = PortSet()
    dynamic.insert(IANARange.dynamic.ports)
    #expect(pool.count == 28232)
    #expect(pool.countCommon(with: dynamic) == 11848)
  }

  @Test("label values are those of the metrics")
  func names() {
    #expect(IANARange.allCases.map(\.name) == ["well_known", "registered", "dynamic"])
  }
}
