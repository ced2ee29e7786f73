import Foundation
import PortModel
import StatusPage
import Testing

@Suite("Refused ports on the status page")
struct RefusalPageTests {
  private func html(_ refusals: Refusals?) -> String {
    let namespace = NamespaceSnapshot(name: "host", settings: PoolSettings(range: .linuxDefault), tcp: nil, udp: nil, outcomes: [])
    return StatusPage(PoolSnapshot(time: 1000, namespaces: [namespace.adding(refusals)])).text
  }

  private func refused(_ count: UInt64, last: Int64, by program: String) -> Refusals.Case {
    Refusals.Case(
      namespace: "host", kind: .connect,
      tuple: Tuple(source: IPAddress(ipv4: 0xC000_0207), destination: IPAddress(ipv4: 0xC633_6409), destinationPort: 443),
      program: program, count: count, last: last)
  }

  @Test("the card says what was refused, to where, by which program, and when")
  func card() {
    let html = html(
      Refusals(
        namespaces: [.init(name: "host", counts: .init([.connect: 1207]), last: 988)],
        cases: [refused(1200, last: 988, by: "<b>curl</b>"), refused(7, last: 100, by: "wget")]))
    #expect(html.contains("1,207 calls failed since Portpool started because no port was free; the last one 12 s ago."))
    #expect(html.contains("192.0.2.7 → 198.51.100.9:443") && html.contains("15 min ago"))
    #expect(html.contains("&lt;b&gt;curl") && !html.contains("<b>curl"))
    #expect(html.components(separatedBy: "<tr class=\"exhausted\">").count == 2)
    #expect(!html.contains("Only connect()"))
  }

  @Test("where calls went unseen the number is a lower bound, and how many did is said")
  func bound() {
    let some = Refusals(namespaces: [.init(name: "host", counts: .init([.connect: 1207]), last: 988)], missed: 3120)
    #expect(html(some).contains("<p>At least 1,207 calls failed since Portpool started"))
    #expect(html(some).contains("3,120 calls for a port went unseen, successful or not"))
    let none = Refusals(namespaces: [.init(name: "host", counts: .init(), last: nil)], missed: 1)
    #expect(html(none).contains("No call is known to have been refused a port since Portpool started."))
    #expect(html(none).contains("1 call for a port went unseen"))
    for missed in [nil, 0] as [UInt64?] {
      let exact = html(Refusals(namespaces: [.init(name: "host", counts: .init([.connect: 1207]), last: 988)], missed: missed))
      #expect(!exact.contains("At least") && !exact.contains("unseen"))
    }
  }

  @Test("that nothing was refused is said, that less is counted too, and without the collector nothing")
  func calm() {
    let calm = Refusals(kinds: [.connect], namespaces: [.init(name: "host", counts: .init(), last: nil)])
    #expect(html(calm).contains("No call has been refused a port since Portpool started."))
    #expect(!html(nil).contains("Refused ports"))
    let some = Refusals(kinds: [.connect], namespaces: [.init(name: "host", counts: .init([.connect: 1]), last: 1)], cases: [])
    #expect(html(some).contains("1 call failed since") && html(some).contains("Only connect() without bind() is counted"))
  }
}
