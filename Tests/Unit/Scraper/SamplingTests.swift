import Kernel
import PortModel
import Scraper
import Testing

@Suite("A look between scrapes")
struct SamplingTests {
  private func tree(inUse: Int, timeWait: Int = 0, ipv6: Int? = 0, tcp: [SocketLine] = []) throws -> ProcTree {
    let tree = try ProcTree(tcp: tcp)
    try tree.write("net/sockstat", "sockets: used 1\nTCP: inuse \(inUse) orphan 0 tw \(timeWait) alloc 1 mem 1\nUDP: inuse 4 mem 0\n")
    if let ipv6 { try tree.write("net/sockstat6", "TCP6: inuse \(ipv6)\nUDP6: inuse 2\n") }
    return tree
  }

  @Test(
    "so few sockets that no tuple can hold a quarter of the pool are not looked at",
    arguments: [(0, 0, 0, 0.0), (10, 0, 0, 0.1), (10, 10, 5, 0.25), (0, 25, 0, 0.25)] as [(Int, Int, Int?, Double)])
  func calm(inUse: Int, timeWait: Int, ipv6: Int?, share: Double) throws {
    let tree = try tree(inUse: inUse, timeWait: timeWait, ipv6: ipv6)
    try tree.remove("net/tcp")
    #expect(try tree.scraper().sample() == .calm(shareAtMost: share))
  }

  @Test("one socket more and the table is walked, for the fullest tuple of either family")
  func walked() throws {
    let connections = SocketLine.connections(40000..<40030) + SocketLine.connections(40000..<40040, from: "2001:db8::5", to: "2001:db8::9")
    let tree = try tree(inUse: 26, ipv6: nil, tcp: connections + [.listener("0.0.0.0", 40099)])
    #expect(try tree.scraper().sample() == .walked(used: 40, capacity: 99))
  }

  @Test("sockets that are only bound make the pool smaller, so that fewer connections prove it calm")
  func bound() throws {
    let tree = try tree(inUse: 20)
    #expect(try tree.scraper().sample() == .calm(shareAtMost: 0.2))
    try tree.write("net/sockstat", "sockets: used 80\nTCP: inuse 20 orphan 0 tw 0 alloc 76 mem 1\nUDP: inuse 4 mem 0\n")
    #expect(try tree.scraper().sample() == .walked(used: 0, capacity: 100))
  }

  @Test("without IPv6 there is no sockstat6")
  func files() throws {
    let tree = try tree(inUse: 3, ipv6: nil)
    let totals = try #require(try SocketTotals(reading: ProcFileSystem(root: tree.path)))
    #expect(totals.tcp == 3 && totals.udp == 4)
    #expect(totals.holders >= 7)
  }

  @Test("without sockstat, or with an empty one, nothing proves the pool calm, and the table is walked", arguments: [nil, ""])
  func withoutCount(text: String?) throws {
    let tree = try tree(inUse: 3, ipv6: nil, tcp: SocketLine.connections(40000..<40003))
    if let text { try tree.write("net/sockstat", text) } else { try tree.remove("net/sockstat") }
    #expect(try tree.scraper().sample() == .walked(used: 3, capacity: 100))
    try tree.write("net/sockstat", "rubbish\n")
    #expect(throws: ReadError.self) { try tree.scraper().sample() }
  }

  @Test("numbers that no kernel keeps are refused rather than added", arguments: ["9223372036854775807", "18446744073709551615"])
  func overflow(number: String) throws {
    let tree = try tree(inUse: 3)
    for line in [
      "sockets: used \(number)\nTCP: inuse 1 tw 1", "TCP: inuse \(number) tw \(number)", "TCP: inuse 1 tw 1\nUDP: inuse \(number)",
    ] {
      try tree.write("net/sockstat", line + "\n")
      #expect(throws: ReadError.self) { try SocketTotals(reading: ProcFileSystem(root: tree.path)) }
      #expect(throws: ReadError.self) { try tree.scraper().sample() }
    }
  }

  @Test("a sample between two scrapes leaves the scrapes as they are")
  func between() throws {
    let tree = try tree(inUse: 90, tcp: SocketLine.connections(40000..<40070))
    let scraper = tree.scraper()
    let before = scraper.snapshot().namespaces[0].tcp
    #expect(try scraper.sample() == .walked(used: 70, capacity: 100))
    #expect(scraper.snapshot().namespaces[0].tcp == before)
  }
}
