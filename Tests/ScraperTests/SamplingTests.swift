import Kernel
import Scraper
import TestSupport
import Testing

@Suite("samples of a real namespace", .networkNamespaces)
struct SamplingTests {
  private static func scraper(_ source: Scraper.SourceChoice) -> PoolScraper {
    PoolScraper(ScraperConfiguration(proc: ProcFileSystem(view: .thread), source: source))
  }

  @Test("a calm namespace is not walked", arguments: [Scraper.SourceChoice.proc, .netlink])
  func calm(source: Scraper.SourceChoice) async throws {
    try await NetworkNamespace.run { _ in
      let listener = try TestSocket.listener(SocketAddress("127.0.0.1", 8080))
      let clients = try TestSocket.clients(10, to: SocketAddress("127.0.0.1", 8080))
      defer { withExtendedLifetime((listener, clients)) {} }
      guard case .calm(let share) = try Self.scraper(source).sample() else {
        Issue.record("the table was walked")
        return
      }
      // Both ends of ten connections, and the listener.
      #expect(abs(share - 0.21) < 0.005)
    }
  }

  @Test("past a quarter of the pool the fullest tuple is found", arguments: [Scraper.SourceChoice.proc, .netlink])
  func walked(source: Scraper.SourceChoice) async throws {
    try await NetworkNamespace.run { _ in
      let destination = SocketAddress("127.0.0.1", 8080)
      let listeners = [try TestSocket.listener(destination), try .listener(SocketAddress("127.0.0.1", 40050))]
      let clients = try TestSocket.clients(60, to: destination)
      defer { withExtendedLifetime((listeners, clients)) {} }
      let scraper = Self.scraper(source)
      let snapshot = scraper.snapshot()
      let connect = try #require(snapshot.namespaces[0].tcp?.pressure?.connect)
      #expect(connect.capacity == 99)
      // What is blocked is known from the snapshot.
      #expect(try scraper.sample() == .walked(used: 60, capacity: 99))
    }
  }
}
