import PortModel
import StatusPage
import Testing

@Suite("Translated ports on the status page")
struct SnatPageTests {
  private func html(_ use: SnatUse?, closing: PortSet = PortSet()) -> String {
    var ports = PortSet()
    if let range = use?.range, let used = PortRange(first: range.first, last: range.first + Port(max(1, use?.used ?? 1) - 1)) {
      ports.insert(used)
    }
    let table = Snat.Table(
      worst: use.map { [Snat.PoolKey(.tcp, .ipv4): $0] } ?? [:], tuples: use.map { [$0] } ?? [],
      map: use.map { _ in SnatMap(used: ports, closing: closing) })
    let namespace = NamespaceSnapshot(name: "host", settings: PoolSettings(range: .linuxDefault), tcp: nil, udp: nil, outcomes: [])
    return StatusPage(PoolSnapshot(time: 0, namespaces: [namespace.adding(Snat(pools: [.assumed], table: table))])).text
  }

  private func use(_ used: Int, failure: Double) -> SnatUse {
    SnatUse(
      tuple: SnatTuple(
        transport: .tcp, source: IPAddress(ipv4: 0xC000_0207), destination: IPAddress(ipv4: 0xC633_6409), destinationPort: 443),
      range: PortRange(first: 20000, last: 20999), used: used, closing: 0, failure: failure)
  }

  @Test(
    "a pool is coloured by what the alerts judge: the chance of failure, then the share",
    arguments: [(100, 0, PressureLevel.ok), (501, 0, .warning), (750, 0.0011, .critical), (1000, 1, .exhausted)]
      as [(Int, Double, PressureLevel)])
  func level(used: Int, failure: Double, level: PressureLevel) {
    let html = html(use(used, failure: failure))
    #expect(html.contains("<li class=\"pool \(level.rawValue)\" data-pool=\"host snat/tcp/ipv4\" data-left=\"\(1000 - used)\""))
    #expect(html.contains("192.0.2.7 → 198.51.100.9:443"))
  }

  @Test("the card has the chance of failure, and the map every port of the worst tuple")
  func card() {
    let html = html(use(750, failure: 0.168), closing: [20000, 20001])
    #expect(html.contains("<strong>17%</strong> of new connections find no port"))
    #expect(html.contains("ports 20000 to 20999: 250 free, 748 client, 2 closing"), "\(html)")
    #expect(html.contains("Source of the port ranges: assumed"))
  }

  @Test("where no pool of the kernel's is worse, the headline is the translated tuple")
  func headline() {
    let failing = html(use(750, failure: 0.168))
    #expect(failing.contains("<p class=\"big\">17% of new connections find no port</p>"))
    #expect(failing.contains("host</a> · translated TCP · 192.0.2.7 → 198.51.100.9:443 · 750 of 1,000 ports in use"))
    #expect(html(use(1000, failure: 1)).contains("<p class=\"big\">Exhausted: new connections find no port</p>"))
  }

  @Test("without translated connections there is nothing of it on the page")
  func none() {
    #expect(!html(nil).contains("Translated ports"))
  }
}
