import PortModel
import Scraper
import Testing

@Suite("Headroom of bind() to port 0")
struct BindHeadroomTests {
  /// What is left for an address of either family.
  private func headroom(_ bind: BindHeadroom, _ text: String) -> Int {
    let address = Address.of(text)
    if address == .anyIPv4 { return bind.wildcard }
    if address == .anyIPv6 { return bind.wildcardIPv6 }
    return bind.addresses.first { $0.address == address }?.headroom ?? (address.isIPv4 ? bind.other : bind.otherIPv6)
  }

  @Test(
    "a socket takes its port from its own address, from the wildcard, and from all when it is on the wildcard",
    arguments: [
      (SocketLine.connections(40000..<40040), ["192.0.2.10": 60, "192.0.2.11": 100, "0.0.0.0": 60, "::": 60, "::1": 100]),
      ([.listener("0.0.0.0", 40000)], ["192.0.2.10": 99, "0.0.0.0": 99, "::": 99, "::1": 100]),
      ([.listener("::", 40000)], ["192.0.2.10": 99, "0.0.0.0": 99, "::": 99, "::1": 99, "2001:db8::5": 99]),
      ([.listener("::1", 40000)], ["192.0.2.10": 100, "0.0.0.0": 100, "::": 99, "::1": 99, "2001:db8::5": 100]),
      (
        SocketLine.connections(40000..<40025, from: "::1", to: "::1"),
        ["0.0.0.0": 75, "127.0.0.1": 100, "::": 75, "::1": 75]
      ),
      (
        [.listener("127.0.0.1", 40003), .listener("::1", 40005), .listener("::", 40007)],
        ["0.0.0.0": 98, "127.0.0.1": 98, "127.0.0.9": 99, "::": 97, "::1": 98]
      ),
      (
        SocketLine.connections(40000..<40010, from: "::ffff:192.0.2.10", to: "::ffff:198.51.100.7"),
        ["192.0.2.10": 90, "192.0.2.11": 100, "0.0.0.0": 90, "::": 90, "::1": 100]
      ),
      (
        SocketLine.connections(40000..<40010, state: .timeWait, timeWaitRemaining: 100),
        ["192.0.2.10": 90, "0.0.0.0": 90]
      ),
      // A port that one socket holds on the wildcard and another on an address is one port.
      (
        [.listener("0.0.0.0", 40000), SocketLine(.established, "192.0.2.10", 40000, "198.51.100.7", 443)],
        ["192.0.2.10": 99, "192.0.2.11": 99, "0.0.0.0": 99]
      ),
    ] as [([SocketLine], [String: Int])])
  func conflicts(lines: [SocketLine], expected: [String: Int]) throws {
    let bind = try ProcTree(tcp: lines).tcp().bind
    for (address, left) in expected { #expect(headroom(bind, address) == left, "bind \(address)") }
    #expect(bind.isComplete)
  }

  @Test("addresses are listed by what they have left, least first")
  func order() throws {
    let tree = try ProcTree(
      tcp: SocketLine.connections(40000..<40003, from: "192.0.2.12") + SocketLine.connections(40000..<40009, from: "192.0.2.11")
        + SocketLine.connections(40000..<40003, from: "192.0.2.10"))
    let bind = try tree.tcp().bind
    #expect(bind.addresses.map { "\($0.address) \($0.headroom)" } == ["192.0.2.11 91", "192.0.2.10 97", "192.0.2.12 97"])
  }

  @Test("a host with 300 addresses lists 256 of them and says that these are not all")
  func manyAddresses() throws {
    func lines(_ count: Int) -> [SocketLine] {
      (0..<count).flatMap { SocketLine.connections([40000 + $0 % 100], from: "10.0.\($0 / 200).\($0 % 200)") }
    }
    let full = try ProcTree(tcp: lines(256)).tcp().bind
    #expect(full.addresses.count == 256)
    #expect(full.isComplete)
    let bind = try ProcTree(tcp: lines(300)).tcp().bind
    #expect(bind.addresses.count == 256)
    #expect(!bind.isComplete)
    #expect(bind.addresses.allSatisfy { $0.headroom == 99 })
    #expect(bind.wildcard == 0, "what is left out of the list still counts")
  }
}
