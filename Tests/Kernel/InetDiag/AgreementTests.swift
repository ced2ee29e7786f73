import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

@Suite("both sources tell the same", .networkNamespaces)
struct AgreementTests {
  @Test("a quiet namespace with every kind of socket looks the same from /proc and from inet_diag, save for binds")
  func agree() async throws {
    // Without reuse of TIME_WAIT, so that nothing changes while the two look one after the other.
    let sysctls: KeyValuePairs = ["ipv4/ip_local_reserved_ports": "40500-40509,50000", "ipv4/tcp_tw_reuse": "0"]
    try await NetworkNamespace.run(pool: 40000...40999, sysctls: sysctls) { _ in
      let (database, databaseIPv6) = (SocketAddress("127.0.0.1", 8080), SocketAddress("::1", 8080))
      let inside = SocketAddress("127.0.0.1", 40100)
      var held = [
        try TestSocket.listener(database), try .listener(inside), try .listener(databaseIPv6),
        try .listener(SocketAddress("::1", 40200)), try .listener(SocketAddress("::", 40300), isIPv6Only: false),
      ]
      held += try TestSocket.clients(20, to: database)
      held += try TestSocket.clients(10, to: databaseIPv6)
      held += try TestSocket.clients(3, to: inside, source: .addressOnly("127.0.0.3"))
      held += try TestSocket.clients(5, to: SocketAddress("::ffff:127.0.0.1", 8080))
      held += try TestSocket.clients(7, .udp, to: SocketAddress("127.0.0.1", 9000))
      held += try TestSocket.clients(2, .udp, to: SocketAddress("::1", 9000))
      let closing = [
        try TestSocket.clientTimeWait(15, to: SocketAddress("127.0.0.2", 8081)),
        try TestSocket.halfClosed(4, to: SocketAddress("127.0.0.3", 8082)),
        try TestSocket.synSent(2, to: SocketAddress("127.0.0.4", 8083)),
      ]
      defer { withExtendedLifetime((held, closing)) {} }

      // The second time inet_diag may be asked in fewer walks.
      let scraper = Self.scraper(.netlink)
      let (proc, first, netlink) = (Self.snapshot(.proc), scraper.snapshot(), scraper.snapshot())
      #expect(first.namespaces[0].tcp == netlink.namespaces[0].tcp && first.namespaces[0].udp == netlink.namespaces[0].udp)
      #expect(proc.problems.isEmpty && netlink.problems.isEmpty)
      let (left, right) = (proc.namespaces[0], netlink.namespaces[0])
      let leftTCP = try #require(left.tcp?.pressure)
      let rightTCP = try #require(right.tcp?.pressure)
      #expect(leftTCP.usage == rightTCP.usage)
      #expect(leftTCP.blocked == rightTCP.blocked)
      #expect(leftTCP.bind == rightTCP.bind)
      #expect(leftTCP.wrongParity == rightTCP.wrongParity)
      #expect(leftTCP.listeners == rightTCP.listeners)
      #expect(leftTCP.connect.tupleCounts == rightTCP.connect.tupleCounts)
      #expect(leftTCP.connect.tuples.map(\.tuple) == rightTCP.connect.tuples.map(\.tuple))
      #expect(leftTCP.connect.tuples.map(\.headroom) == rightTCP.connect.tuples.map(\.headroom))
      #expect(left.udp?.pressure?.usage == right.udp?.pressure?.usage)
      let seenByBoth = right.socketCounts.filter { $0.state != "bound" }
      #expect(left.socketCounts == seenByBoth)
    }
  }

  @Test("/proc does not show IPV6_V6ONLY of a wildcard listener, and so counts it against IPv4: never more headroom than there is")
  func ipv6Only() async throws {
    try await NetworkNamespace.run { _ in
      let listener = try TestSocket.listener(SocketAddress("::", 40030), isIPv6Only: true)
      defer { withExtendedLifetime(listener) {} }
      let proc = try #require(Self.snapshot(.proc).namespaces[0].tcp?.pressure?.bind)
      let netlink = try #require(Self.snapshot(.netlink).namespaces[0].tcp?.pressure?.bind)
      #expect(netlink.wildcard == 100)
      #expect(proc.wildcard == 99)
      #expect(proc.wildcardIPv6 == 99 && netlink.wildcardIPv6 == 99)
    }
  }

  private static func snapshot(_ source: Scraper.SourceChoice) -> PoolSnapshot { scraper(source).snapshot() }

  private static func scraper(_ source: Scraper.SourceChoice) -> PoolScraper {
    PoolScraper(ScraperConfiguration(proc: ProcFileSystem(view: .thread), source: source))
  }
}
