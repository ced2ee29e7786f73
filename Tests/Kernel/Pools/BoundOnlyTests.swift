import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// Kernels before Linux 6.8 ignore the bit that asks for bound sockets which neither listen nor connect, and answer as if there were none.
@Suite("bound sockets that a kernel does not list", .networkNamespaces, .serialized)
struct BoundOnlyTests {
  private func states(knowsBit: Bool) async throws -> Set<String> {
    try await NetworkNamespace.run { _ in
      let configuration = ScraperConfiguration(proc: ProcFileSystem(view: .thread), source: .netlink, tupleLimit: nil)
      let source = Scraper.SourceChoice.netlink(configuration) { () throws(SystemCallError) in
        OlderKernel(try NetlinkSocket(), knowsBit: knowsBit)
      }
      let socket = try TestSocket.bound(to: SocketAddress("127.0.0.1", 40020))
      defer { withExtendedLifetime(socket) {} }
      return Set(PoolScraper(configuration, sources: [source]).snapshot([.tcp]).namespaces[0].socketCounts.map(\.state))
    }
  }

  @Test("their state is missing where a socket of our own does not come back, rather than 0")
  func missing() async throws {
    let (older, newer) = (try await states(knowsBit: false), try await states(knowsBit: true))
    #expect(!older.contains("bound") && older.contains("listen"))
    #expect(newer == (KernelUnderTest.listsBoundOnly ? older.union(["bound"]) : older))
  }

  @Test("where none can be made the state is missing, and it is there once one can be")
  func exhausted() async throws {
    let seen = try await NetworkNamespace.run { _ in
      let scraper = Scenario.scraper(.netlink)
      func sees() -> Bool? { scraper.snapshot([.tcp]).namespaces[0].tcp?.seesBoundOnly }
      let sockets = try (40000...40099).map { try TestSocket.listener(SocketAddress("0.0.0.0", $0)) }
      let full = sees()
      sockets.forEach { $0.close() }
      return [full, sees()]
    }
    #expect(seen == [false, KernelUnderTest.listsBoundOnly])
  }
}

/// The kernel, without the bit 13 of the states that are asked for.
private struct OlderKernel: ~Copyable, NetlinkChannel {
  private var socket: NetlinkSocket
  private let knowsBit: Bool

  init(_ socket: consuming NetlinkSocket, knowsBit: Bool) {
    self.socket = socket
    self.knowsBit = knowsBit
  }

  mutating func send(_ request: [UInt8]) throws(SystemCallError) {
    var request = request
    // Behind the header, four bytes and the id.
    if !knowsBit { request[16 + 4 + 48 + 1] &= ~0x20 }
    try socket.send(request)
  }

  mutating func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Int { try socket.receive(into: &buffer) }
}
