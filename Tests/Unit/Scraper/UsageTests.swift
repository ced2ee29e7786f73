import PortModel
import Scraper
import Testing

@Suite("What holds a port")
struct UsageTests {
  @Test(
    "a port is used by the first that fits",
    arguments: [
      ([.listener("0.0.0.0", 40000)], .listener),
      ([SocketLine(.close, "0.0.0.0", 40000, "0.0.0.0", 0)], .bound),
      ([SocketLine(.established, "192.0.2.10", 40000, "198.51.100.7", 443)], .client),
      ([SocketLine(.established, "127.0.0.1", 40000, "127.0.0.1", 443)], .local),
      ([SocketLine(.established, "192.0.2.10", 40000, "192.0.2.10", 443)], .local),
      ([SocketLine(.established, "2001:db8::5", 40000, "2001:db8::5", 443)], .local),
      ([SocketLine(.established, "2001:db8::5", 40000, "2001:db8:1::9", 443)], .client),
      ([SocketLine(.established, "::ffff:192.0.2.10", 40000, "::ffff:192.0.2.10", 443)], .local),
      ([SocketLine(.timeWait, "192.0.2.10", 40000, "198.51.100.7", 443, timeWaitRemaining: 1000)], .closing),
      ([SocketLine(.finWait1, "192.0.2.10", 40000, "198.51.100.7", 443, inode: 0)], .closing),
      ([SocketLine(.finWait1, "192.0.2.10", 40000, "198.51.100.7", 443)], .client),
      (
        [
          SocketLine(.timeWait, "192.0.2.10", 40000, "198.51.100.7", 443, timeWaitRemaining: 1000),
          SocketLine(.established, "192.0.2.10", 40000, "198.51.100.8", 443),
        ], .client
      ),
      (
        [
          SocketLine(.established, "192.0.2.10", 40000, "198.51.100.7", 443),
          SocketLine(.established, "192.0.2.10", 40000, "192.0.2.10", 443),
        ], .local
      ),
      ([.listener("::", 40000), SocketLine(.established, "192.0.2.10", 40000, "198.51.100.7", 443)], .listener),
    ] as [([SocketLine], PortUse)])
  func uses(lines: [SocketLine], use: PortUse) throws {
    let usage = try ProcTree(tcp: lines).tcp().usage
    #expect(PortUse.held.filter { usage[$0] > 0 } == [use])
    #expect(usage.used == 1)
    #expect(usage.map.first == use)
    #expect(usage.map.dropFirst().allSatisfy { $0 == .free })
  }

  @Test("the map has a cell for each port of the range, reserved ones included")
  func map() throws {
    let tree = try ProcTree(
      range: "40000\t40004\n", reserved: "40001,40003\n",
      tcp: [.listener("0.0.0.0", 40000), .listener("0.0.0.0", 40001)] + SocketLine.connections([40004, 40005]))
    let usage = try tree.tcp().usage
    #expect(usage.map == [.listener, .reserved, .free, .reserved, .client])
    #expect(usage.used == 2)
  }

  @Test(
    "a UDP port is bound, local or a client",
    arguments: [
      (.unconnected("0.0.0.0", 40000), .bound), (.unconnected("2001:db8::5", 40000), .bound),
      (SocketLine(.established, "127.0.0.1", 40000, "127.0.0.2", 53), .local),
      (SocketLine(.established, "192.0.2.10", 40000, "192.0.2.10", 53), .local),
      (SocketLine(.established, "192.0.2.10", 40000, "198.51.100.7", 53), .client),
    ] as [(SocketLine, PortUse)])
  func udp(line: SocketLine, use: PortUse) throws {
    let usage = try ProcTree(udp: [line]).udp().usage
    #expect(PortUse.held.filter { usage[$0] > 0 } == [use])
    #expect(usage.used == 1)
  }

  @Test("without its own addresses a host still knows loopback")
  func noAddresses() throws {
    let tree = try ProcTree(
      tcp: SocketLine.connections([40000], from: "127.0.0.1", to: "127.9.9.9") + SocketLine.connections([40001], to: "192.0.2.10"))
    try tree.remove("net/fib_trie")
    try tree.remove("net/if_inet6")
    let usage = try tree.tcp().usage
    #expect(usage[.local] == 1)
    #expect(usage[.client] == 1)
  }
}
