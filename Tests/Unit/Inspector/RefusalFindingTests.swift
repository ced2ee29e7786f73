import Inspector
import PortModel
import Testing

@Suite("Findings about refused ports")
struct RefusalFindingTests {
  private func refused(_ kind: Refusals.Kind, _ count: UInt64, by program: String = "curl") -> Refusals.Case {
    let source = IPAddress(ipv4: 0xC000_0207)
    let tuple = Tuple(
      source: source, destination: kind.hasDestination ? IPAddress(ipv4: 0xC633_6409) : .anyIPv4,
      destinationPort: kind.hasDestination ? 443 : 0)
    return Refusals.Case(namespace: "host", kind: kind, tuple: tuple, program: program, count: count, last: 1)
  }

  private func made(_ cases: [Refusals.Case]?, missed: UInt64 = 0) -> Finding? {
    let namespace = NamespaceSnapshot(name: "host", settings: PoolSettings(range: .linuxDefault), tcp: nil, udp: nil, outcomes: [])
    var counts = Refusals.Counts()
    for each in cases ?? [] { counts[each.kind] += each.count }
    let evidence = Evidence(
      namespace: namespace, watched: Evidence.Watched(seconds: 10),
      refused: cases.map { Evidence.Refused(counts: counts, cases: $0, missed: missed) })
    return evidence.findings.first { $0.id == "ports-refused" }
  }

  @Test("what was refused while it was watched is critical, by kind, with destination and program")
  func refused() throws {
    let finding = try #require(made([refused(.connect, 1200), refused(.bind, 1, by: "named"), refused(.udp, 2, by: "dig")]))
    #expect(finding.severity == .critical)
    #expect(
      finding.title
        == "Programs are being refused ports now: 1,200 calls of connect(), 1 bind() and 2 UDP sockets in 10.0 s.")
    #expect(
      finding.evidence == [
        "192.0.2.7 → 198.51.100.9:443: refused 1,200 times, to curl", "bind() to 192.0.2.7: refused 1 time, to named",
        "UDP from 192.0.2.7: refused 2 times, to dig",
      ])
    #expect(finding.remedy.contains { $0.hasPrefix("For connect():") } && finding.remedy.contains { $0.hasPrefix("bind() to port 0") })
    #expect(finding.settings.contains { $0.name == "net.ipv4.ip_local_port_range" })
  }

  @Test("where calls went unseen the numbers are lower bounds, and how many did is said")
  func missed() throws {
    let finding = try #require(made([refused(.connect, 1200), refused(.bind, 1, by: "named")], missed: 312))
    #expect(finding.title == "Programs are being refused ports now: at least 1,200 calls of connect() and 1 bind() in 10.0 s.")
    #expect(finding.evidence.last == "312 calls for a port on this host went unseen, successful or not")
    #expect(made([], missed: 312) == nil)
  }

  @Test("a program's name cannot write to the terminal, and only the first cases are named")
  func hostile() throws {
    let finding = try #require(made((0..<8).map { refused(.connectBound, 1, by: "\u{1B}[2J\($0)") }))
    #expect(finding.evidence.count == 6 && finding.evidence.last == "and 3 more cases")
    #expect(!finding.evidence.joined().contains("\u{1B}"))
    #expect(finding.remedy.contains { $0.contains("IP_BIND_ADDRESS_NO_PORT") })
  }

  @Test("nothing refused, or nobody counted, is no finding")
  func none() {
    #expect(made([]) == nil && made(nil) == nil)
  }
}
