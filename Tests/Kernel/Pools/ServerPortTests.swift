import Glibc
import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// The ports that should be reserved are those that a program chose and keeps.
@Suite("ports of servers, on the real kernel", .networkNamespaces, .serialized)
struct ServerPortTests {
  private static let age = Duration.milliseconds(200)

  private static func scraper(_ source: Scraper.SourceChoice) -> PoolScraper {
    var configuration = ScraperConfiguration(proc: ProcFileSystem(view: .thread), source: source)
    configuration.udpServerAge = age
    return PoolScraper(configuration)
  }

  private static func bound(_ ports: some Sequence<UInt16>) throws -> [TestSocket] {
    try ports.map { try TestSocket.bound(.udp, to: SocketAddress("0.0.0.0", $0)) }
  }

  private static func udpServers(_ scraper: PoolScraper) -> [Port]? {
    scraper.snapshot([.udp]).namespaces[0].udp?.pressure?.listeners?.ports
  }

  @Test("a TCP listener is a server where its program chose the port; /proc does not say who chose")
  func listeners() async throws {
    let (netlink, proc, blocked) = try await NetworkNamespace.run { _ in
      let chosen = try TestSocket.listener(SocketAddress("127.0.0.1", 40050))
      let given = try (0..<5).map { _ in try TestSocket.listener(SocketAddress("127.0.0.1")) }
      defer { withExtendedLifetime((chosen, given)) {} }
      let pressures = [Scraper.SourceChoice.netlink, .proc].map { Self.scraper($0).snapshot([.tcp]).namespaces[0].tcp?.pressure }
      return (pressures[0]?.listeners.ports, pressures[1]?.listeners.count, pressures.map { $0?.blocked })
    }
    #expect(netlink == [40050] && proc == 6)
    #expect(blocked == [6, 6], "every listener takes its port from connect()")
  }

  @Test("a UDP port is a server's once one socket has held it; a resolver's ports come and go", arguments: KernelUnderTest.sourcesOfBinds)
  func resolver(source: Scraper.SourceChoice) async throws {
    let seen = try await NetworkNamespace.run { _ in
      let server = try Self.bound([40050])
      let scraper = Self.scraper(source)
      var queries = try Self.bound(40000..<40010)
      var seen = [Self.udpServers(scraper)]
      for round in 1...2 as ClosedRange<UInt16> {
        TestSocket.pause(0.25)
        // Half of the ports are the same as before, for other queries.
        queries.forEach { $0.close() }
        queries = try Self.bound(40000 + 5 * round..<40010 + 5 * round)
        seen.append(Self.udpServers(scraper))
      }
      defer { withExtendedLifetime((server, queries)) {} }
      return seen
    }
    #expect(seen == [nil, [40050], [40050]])
  }

  @Test("a port that servers share stays a server's as long as the first of them is there", arguments: KernelUnderTest.sourcesOfBinds)
  func shared(source: Scraper.SourceChoice) async throws {
    let seen = try await NetworkNamespace.run { _ in
      let scraper = Self.scraper(source)
      let workers = try (0..<4).map { _ in
        let socket = try TestSocket(.udp)
        try socket.set(SOL_SOCKET, SO_REUSEPORT, 1)
        try socket.bind(SocketAddress("0.0.0.0", 40050))
        return socket
      }
      var seen = [Self.udpServers(scraper)]
      TestSocket.pause(0.25)
      for _ in 0..<3 { seen.append(Self.udpServers(scraper)) }
      workers.forEach { $0.close() }
      seen.append(Self.udpServers(scraper))
      return seen
    }
    #expect(seen == [nil, [40050], [40050], [40050], []])
  }

  @Test("a user with many UDP ports picks them, however long they last", arguments: [(16, 16), (17, 0)], KernelUnderTest.sourcesOfBinds)
  func relay(ports: (UInt16, Int), source: Scraper.SourceChoice) async throws {
    let (count, servers) = ports
    let seen = try await NetworkNamespace.run { _ in
      let calls = try Self.bound(40000..<40000 + count)
      let scraper = Self.scraper(source)
      _ = Self.udpServers(scraper)
      TestSocket.pause(0.25)
      defer { withExtendedLifetime(calls) {} }
      return Self.udpServers(scraper)
    }
    #expect(seen?.count == servers)
  }

  @Test("a UDP port that the kernel chose is nobody's server port, and is taken all the same", arguments: KernelUnderTest.sourcesOfBinds)
  func given(source: Scraper.SourceChoice) async throws {
    let (servers, headroom) = try await NetworkNamespace.run { _ in
      let sockets = try Self.bound([40050]) + [try TestSocket.bound(.udp, to: SocketAddress("0.0.0.0"))]
      let scraper = Self.scraper(source)
      _ = Self.udpServers(scraper)
      TestSocket.pause(0.25)
      defer { withExtendedLifetime(sockets) {} }
      let pressure = scraper.snapshot([.udp]).namespaces[0].udp?.pressure
      return (pressure?.listeners?.ports, pressure?.headroom)
    }
    #expect(servers == [40050] && headroom == 98)
  }

  @Test("/proc does not say who chose a UDP port, and then no number is given")
  func proc() async throws {
    let seen = try await NetworkNamespace.run { _ in
      let server = try Self.bound([40050])
      let scraper = Self.scraper(.proc)
      _ = Self.udpServers(scraper)
      TestSocket.pause(0.25)
      defer { withExtendedLifetime(server) {} }
      return Self.udpServers(scraper)
    }
    #expect(seen == nil)
  }
}
