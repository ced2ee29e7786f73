import Foundation
import Push
import Synchronization
import TestSupport
import Testing

@Suite("With the local port pool used up")
struct ExhaustionTests {
  @Test("a push says that no local port is left, and comes through by itself when one is", .networkNamespaces, .timeLimit(.minutes(1)))
  func exhausted() async throws {
    try await NetworkNamespace.run { _ in
      let gateway = try Gateway(port: 9_091)
      let target = SocketAddress("127.0.0.1", 9_091)
      var held: [TestSocket] = []
      while let socket = try? TestSocket.client(to: target) {
        try socket.resetOnClose()
        held.append(socket)
      }
      #expect(held.count >= 95)
      let configuration = try PushConfiguration(url: gateway.url)
      let error = try #require(try Pushing.once(configuration, retries: Pushing.quick))
      #expect(error.reason == .noLocalPort)
      #expect(
        error.description
          == "http://127.0.0.1:9091/metrics/job/portpool: no local port is left for the connection (EADDRNOTAVAIL): this host's port pool "
          + "is used up; scraping still works, and pushing resumes when a port becomes free")
      held.removeAll()
      #expect(try Pushing.once(configuration, retries: Pushing.quick) == nil)
    }
  }

  @Test("a connection kept from before goes on pushing", .networkNamespaces, .timeLimit(.minutes(1)))
  func kept() async throws {
    try await NetworkNamespace.run { _ in
      let gateway = try Gateway(port: 9_091)
      let target = SocketAddress("127.0.0.1", 9_091)
      let held = Mutex<[TestSocket]>([])
      let pushes = Atomic(0)
      // Collected on this thread, the one in the namespace: the pool is full from the second push on.
      let loop = try PushLoop(
        PushConfiguration(url: gateway.url, interval: .seconds(1)), retries: Pushing.single, readFile: Pushing.read,
        collect: {
          if pushes.add(1, ordering: .relaxed).newValue == 2 {
            held.withLock { held in
              while let socket = try? TestSocket.client(to: target) { held.append(socket) }
            }
          }
          return Pushing.metrics
        }, report: { _ in })
      let watcher = Thread {
        while loop.statistics.pushes < 3 { usleep(10_000) }
        loop.stop()
      }
      watcher.start()
      #expect(loop.run() == nil)
      #expect(held.withLock { $0.count } >= 94)
      #expect(loop.statistics.failures.isEmpty)
    }
  }
}
