import Inspector
import PortModel
import Testing

@Suite("Findings about translated ports")
struct SnatFindingTests {
  private static let range = PortRange(first: 20000, last: 20999)

  /// A tuple that holds the first `used` ports of 1,000.
  private func evidence(
    used: Int, failure: Double, closing: Int = 0, range: PortRange? = Self.range, insertFailed: UInt64 = 0, origin: SnatPool.Origin = .rules
  ) throws -> Evidence {
    let tuple = SnatTuple(
      transport: .tcp, source: IPAddress(ipv4: 0xC000_0207), destination: IPAddress(ipv4: 0xC633_6409), destinationPort: 443)
    let use = SnatUse(tuple: tuple, range: range, used: used, closing: closing, failure: failure)
    var ports = PortSet()
    if used > 0 { ports.insert(try #require(PortRange(first: 20000, last: Port(20000 + used - 1)))) }
    let table = Snat.Table(tuples: [use], map: SnatMap(used: ports, closing: PortSet()))
    let namespace = NamespaceSnapshot(
      name: "host", settings: PoolSettings(range: .linuxDefault), tcp: nil, udp: nil, outcomes: []
    ).adding(Snat(pools: [SnatPool(origin: origin)], table: table))
    return Evidence(namespace: namespace, watched: Evidence.Watched(seconds: 2, insertFailed: insertFailed))
  }

  private func ids(_ evidence: Evidence) -> [String] { evidence.findings.map(\.id).filter { $0.hasPrefix("snat-") } }

  @Test(
    "a tuple fails from one connection in a thousand on, and is half used past half",
    arguments: [
      (0, 0, []), (500, 0, []), (501, 0, ["snat-half-used"]), (620, 0.001, ["snat-half-used"]), (750, 0.168, ["snat-search-fails"]),
    ] as [(Int, Double, [String])])
  func limits(used: Int, failure: Double, expected: [String]) throws {
    #expect(ids(try evidence(used: used, failure: failure)) == expected)
  }

  @Test("what is dropped is translation's only while a search can fail", arguments: [(0.0001, true), (0, false)] as [(Double, Bool)])
  func dropping(failure: Double, isNamed: Bool) throws {
    #expect(ids(try evidence(used: 400, failure: failure, insertFailed: 7)) == (isNamed ? ["snat-dropping"] : []))
  }

  @Test("the remedy is one that helps: random ports for a solid block, a wider range, shorter timeouts for closing connections")
  func remedies() throws {
    let finding = try #require(try evidence(used: 750, failure: 0.168, closing: 300).findings.first { $0.id == "snat-search-fails" })
    #expect(finding.severity == .critical && finding.title.contains("17%"))
    #expect(finding.evidence.first?.contains("750 of 1,000 ports taken, 300 of them closing") == true, "\(finding.evidence)")
    for word in ["more addresses", "fully-random", "Widen the rule's range of 1,000 ports", "time_wait"] {
      #expect(finding.remedy.contains { $0.contains(word) }, "\(word)")
    }
  }

  @Test("a range that is nearly full is not helped by random ports, and the kernel's whole range cannot be widened")
  func unhelpful() throws {
    let finding = try #require(
      try evidence(used: 950, failure: 0.5, range: SnatPool.unprivileged).findings.first { $0.id == "snat-search-fails" })
    #expect(!finding.remedy.contains { $0.contains("Widen") })
    let full = try #require(try evidence(used: 950, failure: 0.5).findings.first { $0.id == "snat-search-fails" })
    #expect(!full.remedy.contains { $0.contains("fully-random") })
  }

  @Test("that the ports are assumed is part of the evidence")
  func assumed() throws {
    let finding = try #require(try evidence(used: 750, failure: 0.168, origin: .assumed).findings.first { $0.id == "snat-search-fails" })
    #expect(finding.evidence.contains { $0.contains("assumed to be 1024–65535") })
  }
}
