import KernelFormats
import PortModel
import Testing

@Suite("recorded answers of inet_diag")
struct RecordedDumpTests {
  private let database = IPAddress("198.51.100.9")
  private let client = IPAddress("192.0.2.10")

  @Test("one walk returns the TCP sockets of both families")
  func tcp() throws {
    let (records, isConsistent) = try RecordedDump("tcp").sockets(InetDiagRequest(.tcp))
    #expect(isConsistent)
    // 4 listeners, 1 bound-only, 3 + 1 + 1 connections with both ends, 1 in TIME_WAIT without its peer, 1 accepted by nobody yet.
    #expect(records.count { $0.state == .listen } == 4)
    #expect(records.count { $0.family == .ipv6 && $0.state == .established } == 2)
    #expect(records.allSatisfy { $0.transport == .tcp })
  }

  @Test("an IPv4-mapped connection of an IPv6 socket counts as IPv4")
  func mapped() throws {
    let records = try RecordedDump("tcp").sockets(InetDiagRequest(.tcp)).records
    #expect(records.contains { $0.local == database && $0.remote == database && $0.remotePort == 5432 && $0.state == .established })
  }

  @Test("TIME_WAIT has what is left of its minute, and no owner")
  func timeWait() throws {
    let records = try RecordedDump("tcp").sockets(InetDiagRequest(.tcp)).records.filter { $0.state == .timeWait }
    let socket = try #require(records.first)
    #expect(records.count == 1)
    #expect(socket.local == client && socket.remote == database && socket.remotePort == 5432)
    #expect((56_000..<60_000).contains(socket.timeWaitRemaining))
    #expect(socket.inode == 0)
  }

  @Test("the device of a socket is its number, and 0 for none")
  func device() throws {
    var dump = try RecordedDump("tcp")
    #expect(try dump.sockets(InetDiagRequest(.tcp)).records.allSatisfy { $0.device == 0 })
    dump.datagrams[0].replaceSubrange(16 + 40..<16 + 44, with: [7, 1, 0, 0])
    #expect(try dump.sockets(InetDiagRequest(.tcp)).records.map(\.device).prefix(2) == [263, 0])
  }

  @Test("a bound socket that neither listens nor connects is there")
  func boundOnly() throws {
    let records = try RecordedDump("tcp").sockets(InetDiagRequest(.tcp)).records.filter { $0.state == .close }
    #expect(records.map(\.localPort) == [40090])
    #expect(records.map(\.local) == [client])
  }

  @Test(
    "IPV6_V6ONLY is told of listeners",
    arguments: [(Port(8443), false), (8444, true), (443, true), (5432, false)])
  func ipv6Only(port: Port, expected: Bool) throws {
    let records = try RecordedDump("tcp").sockets(InetDiagRequest(.tcp)).records
    let listener = try #require(records.first { $0.state == .listen && $0.localPort == port })
    #expect(listener.isIPv6Only == expected)
  }

  @Test("the filter for explicit binds leaves the one client that chose its port")
  func explicit() throws {
    let request = InetDiagRequest(.tcp, filter: .explicitlyBound(try #require(PortRange(first: 40000, last: 40099))))
    let records = try RecordedDump("tcp-explicit").sockets(request).records
    #expect(records.map(\.localPort) == [40077])
    #expect(records.map(\.state) == [.established])
  }

  @Test("UDP sockets come by family, with their state")
  func udp() throws {
    let ipv4 = try RecordedDump("udp-ipv4").sockets(InetDiagRequest(.udp(.ipv4))).records
    #expect(Set(ipv4.map(\.state)) == [.established, .close])
    #expect(ipv4.allSatisfy { $0.transport == .udp && !$0.isIPv6Only })
    let ipv6 = try RecordedDump("udp-ipv6").sockets(InetDiagRequest(.udp(.ipv6))).records
    #expect(ipv6.map(\.localPort) == [40054])
    #expect(ipv6.map(\.isIPv6Only) == [true])
  }

  @Test("attributes that nobody knows are passed over")
  func unknownAttributes() throws {
    var dump = try RecordedDump("udp-ipv6")
    // An attribute of an unheard-of type in front of the ones that are there.
    let extra: [UInt8] = [12, 0, 0xFF, 0x3F, 1, 2, 3, 4, 5, 6, 7, 8]
    var datagram = dump.datagrams[0]
    datagram.insert(contentsOf: extra, at: 16 + 72)
    datagram[0] += UInt8(extra.count)
    dump.datagrams[0] = datagram
    let records = try dump.sockets(InetDiagRequest(.udp(.ipv6))).records
    #expect(records.map(\.isIPv6Only) == [true])
  }
}
