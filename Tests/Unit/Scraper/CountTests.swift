import PortModel
import Scraper
import Testing

@Suite("Counts of sockets")
struct CountTests {
  static let lines: [SocketLine] =
    [.listener("0.0.0.0", 22), .listener("::", 22), .listener("::ffff:127.0.0.1", 8080)]
    + SocketLine.connections(40000..<40010) + SocketLine.connections(60000..<60003, from: "2001:db8::5", to: "2001:db8:1::9")
    + SocketLine.connections([50000, 50001], state: .timeWait, timeWaitRemaining: 100)
    + SocketLine.connections([50002], state: .newSynReceived) + SocketLine.connections([50003], state: .synReceived)
    + SocketLine.connections([50004, 50005, 50006], state: SocketState(rawValue: 0xFE))

  @Test("every socket is in exactly one combination of family, range and state")
  func partition() throws {
    let counts = try ProcTree(tcp: Self.lines).snapshot().socketCounts
    let present = counts.filter { $0.count > 0 && $0.transport == .tcp }
    #expect(
      present.map { "\($0.family.name) \($0.range.name) \($0.state) \($0.count)" } == [
        "ipv4 well_known listen 1", "ipv4 registered established 10", "ipv4 registered listen 1", "ipv4 dynamic syn_recv 2",
        "ipv4 dynamic time_wait 2", "ipv4 dynamic unknown 3", "ipv6 well_known listen 1", "ipv6 dynamic established 3",
      ])
    #expect(counts.reduce(0) { $0 + $1.count } == Self.lines.count)
  }

  @Test("combinations without sockets are there as zeros, each once")
  func zeros() throws {
    let counts = try ProcTree().snapshot().socketCounts
    #expect(counts.count == 2 * 3 * (11 + 3), "ten TCP states and unknown, two UDP states and unknown")
    #expect(counts.allSatisfy { $0.count == 0 })
    #expect(Set(counts.map { "\($0.transport) \($0.family) \($0.range) \($0.state)" }).count == counts.count)
    #expect(!counts.contains { $0.state == "bound" }, "/proc does not show bound-only sockets")
  }

  @Test("ranges that the user named may overlap each other and everything else")
  func namedRanges() throws {
    let names: [(String, Port, Port)] = [("low", 0, 1023), ("pool", 40000, 40004), ("wide", 40003, 65535), ("one", 22, 22), ("none", 1, 1)]
    let ranges = try names.map { NamedRange(name: $0, ports: try #require(PortRange(first: $1, last: $2))) }
    let snapshot = try ProcTree(tcp: Self.lines, udp: [.unconnected("0.0.0.0", 22)]).snapshot(ranges: ranges)
    let counts = snapshot.namedRangeCounts
    #expect(counts.filter { $0.transport == .tcp }.map(\.count) == [2, 5, 17, 2, 0])
    #expect(counts.filter { $0.transport == .udp }.map(\.count) == [1, 0, 0, 1, 0])
    #expect(counts.map(\.range) == ranges + ranges)
  }

  @Test("UDP sockets are unconnected, established or unknown")
  func udp() throws {
    let tree = try ProcTree(
      udp: [.unconnected("0.0.0.0", 53), .unconnected("::", 5353), SocketLine(.established, "192.0.2.10", 50000, "198.51.100.7", 53)]
        + [SocketLine(.synSent, "192.0.2.10", 50001, "198.51.100.7", 53)])
    let present = tree.snapshot().socketCounts.filter { $0.count > 0 }
    #expect(
      present.map { "\($0.transport.name) \($0.family.name) \($0.range.name) \($0.state) \($0.count)" } == [
        "udp ipv4 well_known unconnected 1", "udp ipv4 dynamic established 1", "udp ipv4 dynamic unknown 1",
        "udp ipv6 registered unconnected 1",
      ])
  }
}
