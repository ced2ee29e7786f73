import Kernel
import PortModel
import Scraper
import Synchronization
import TestSupport
import Testing

/// A walk over the kernel's table costs as much as the table is large. A second one is due only where a connection was left out of the first.
@Suite("how many times the table is walked, on the real kernel", .networkNamespaces, .serialized)
struct WalkTests {
  /// What a scraper in a calm namespace does at each of four scrapes after `arrange`.
  private func looks(
    reserved: String = "", _ arrange: @escaping @Sendable () throws -> [TestSocket]
  ) async throws -> [Look] {
    try await NetworkNamespace.run { namespace in
      try namespace.set("ipv4/ip_local_reserved_ports", reserved)
      let counter = WalkCounter()
      let configuration = ScraperConfiguration(proc: ProcFileSystem(view: .thread), source: .netlink, tupleLimit: nil)
      let source = Scraper.SourceChoice.netlink(configuration) { () throws(SystemCallError) in CountingChannel(try NetlinkSocket(), counter)
      }
      let scraper = PoolScraper(configuration, sources: [source])
      let listeners = [try TestSocket.listener(a), try .listener(b)]
      for _ in 0..<2 { _ = scraper.snapshot([.tcp]) }
      let sockets = try arrange()
      defer { withExtendedLifetime((listeners, sockets)) {} }
      return (0..<4).map { _ in
        let before = counter.walks
        let tcp = scraper.snapshot([.tcp]).namespaces[0].tcp
        return Look(walks: counter.walks - before, blocked: tcp?.pressure?.blocked ?? -1, sockets: tcp?.sockets.total ?? -1)
      }
    }
  }

  @Test("one walk while nothing is bound")
  func calm() async throws {
    #expect(try await looks { try TestSocket.clients(10, to: a) } == [Look](repeating: Look(walks: 1, blocked: 0, sockets: 22), count: 4))
  }

  @Test(
    "one walk next to a bound socket, outside the pool and in it", .boundSocketsListed,
    arguments: [(5000, 0), (40020, 1)] as [(UInt16, Int)])
  func boundOnly(port: UInt16, blocked: Int) async throws {
    let seen = try await looks { [try .bound(to: SocketAddress("127.0.0.1", port))] }
    #expect(seen == [Look](repeating: Look(walks: 1, blocked: blocked, sockets: 3), count: 4))
  }

  @Test("one walk next to a client on a reserved port")
  func reservedPort() async throws {
    let seen = try await looks(reserved: "40004-40006,40020,40090-40091") {
      try [40004, 40006, 40020, 40091].map { try TestSocket.client(to: b, source: .fixed("127.0.0.1", $0)) }
    }
    #expect(seen == [Look](repeating: Look(walks: 1, blocked: 0, sockets: 10), count: 4))
  }

  @Test("a client on a port between reserved ones is found in a second walk", arguments: [40000, 40007, 40019, 40021, 40099] as [UInt16])
  func besideReserved(port: UInt16) async throws {
    let seen = try await looks(reserved: "40004-40006,40020") { [try .client(to: b, source: .fixed("127.0.0.1", port))] }
    #expect(seen == [Look](repeating: Look(walks: 2, blocked: 1, sockets: 4), count: 4))
  }

  @Test("a client on one of more reserved ranges than the kernel is told takes a second walk and is counted once")
  func manyReserved() async throws {
    let seen = try await looks(reserved: (0..<40).map { "\(40001 + $0 * 2)" }.joined(separator: ",")) {
      try [40003, 40079].map { try TestSocket.client(to: b, source: .fixed("127.0.0.1", $0)) }
    }
    #expect(seen == [Look](repeating: Look(walks: 2, blocked: 0, sockets: 6), count: 4))
  }

  @Test("two walks next to clients on ports of their choice, whatever is bound elsewhere", arguments: [0, 1, 10] as [UInt16])
  func fixedClients(boundOutside: UInt16) async throws {
    let seen = try await looks {
      try (0..<boundOutside).map { try TestSocket.bound(to: SocketAddress("127.0.0.1", 20000 + $0)) }
        + (try (0..<10).map { try TestSocket.client(to: a, source: .fixed("127.0.0.1", 40020 + $0)) })
    }
    let listed = KernelUnderTest.listsBoundOnly ? Int(boundOutside) : 0
    #expect(seen == [Look](repeating: Look(walks: 2, blocked: 10, sockets: 22 + listed), count: 4))
  }

  @Test("a port that a connection shares with a client on a port of its choice is counted as blocked at once, in three walks")
  func sharedPort() async throws {
    let seen = try await looks {
      let first = try TestSocket.client(to: a)
      let port = try #require(first.localAddress?.port)
      return [first, try .client(to: a, source: .fixed("127.0.0.9", port))]
    }
    #expect(seen.map(\.walks) == [3, 2, 2, 2])
    #expect(seen.allSatisfy { $0.blocked == 1 && $0.sockets == 6 })
  }

  private struct Look: Hashable {
    let walks: Int
    let blocked: Int
    let sockets: Int
  }
}

private final class WalkCounter: Sendable {
  private let count = Mutex(0)
  var walks: Int { count.withLock { $0 } }
  func add() { count.withLock { $0 += 1 } }
}

/// The kernel, and a count of what it was asked.
private struct CountingChannel: ~Copyable, NetlinkChannel {
  private var socket: NetlinkSocket
  private let counter: WalkCounter

  init(_ socket: consuming NetlinkSocket, _ counter: WalkCounter) {
    self.socket = socket
    self.counter = counter
  }

  mutating func send(_ request: [UInt8]) throws(SystemCallError) {
    counter.add()
    try socket.send(request)
  }

  mutating func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Int { try socket.receive(into: &buffer) }
}
