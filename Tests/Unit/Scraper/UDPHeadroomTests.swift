import PortModel
import Scraper
import Testing

@Suite("Headroom of UDP senders")
struct UDPHeadroomTests {
  @Test(
    "one pool for all destinations, from which every socket takes that an unbound sender would meet",
    arguments: [
      ([], 100, 100),
      ((0..<40).map { SocketLine(.established, "192.0.2.10", 40000 + $0, "198.51.100.\($0 % 3)", 53) }, 60, 60),
      ((0..<30).map { .unconnected("127.0.0.9", 40000 + $0) }, 70, 70),
      ((0..<30).map { .unconnected("0.0.0.0", 40000 + $0) }, 70, 70),
      ((0..<30).map { .unconnected("::", 40000 + $0) }, 70, 70),
      ((0..<30).map { .unconnected("::ffff:127.0.0.1", 40000 + $0) }, 70, 70),
      ((0..<30).map { .unconnected("::1", 40000 + $0) }, 100, 70),
      ((0..<30).map { SocketLine(.established, "::1", 40000 + $0, "::1", 53) }, 70, 70),
      ([.unconnected("127.0.0.1", 40000), .unconnected("::1", 40000), .unconnected("127.0.0.2", 40000)], 99, 99),
      ([.unconnected("0.0.0.0", 39999), .unconnected("0.0.0.0", 40100), .unconnected("0.0.0.0", 53)], 100, 100),
    ] as [([SocketLine], Int, Int)])
  func headroom(lines: [SocketLine], ipv4: Int, ipv6: Int) throws {
    let pressure = try ProcTree(udp: lines).udp()
    #expect(pressure.headroom == ipv4)
    #expect(pressure.headroomIPv6 == ipv6)
    #expect(pressure.listeners == nil, "/proc cannot tell who chose a port")
  }

  @Test("TCP and UDP share a range and not a pool")
  func twoPools() throws {
    let tree = try ProcTree(
      reserved: "40090-40099\n", tcp: SocketLine.connections(40000..<40050), udp: [.unconnected("0.0.0.0", 40000)])
    #expect(try tree.udp().headroom == 89)
    #expect(try tree.tcp().connect.tuples.map(\.headroom) == [40])
  }
}
