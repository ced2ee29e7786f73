import Glibc
import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// More tuples than are counted one by one inside the kernel (`COUNTS_TUPLES6`).
@Suite("more tuples than there is room for", .networkNamespaces, .countedInKernel, .serialized)
struct ManyTuplesTests {
  private static let small = 17_000
  /// Each of them, and what else the process has open, takes a descriptor.
  private static let mayOpenEnough: Bool = {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_max >= rlim_t(small + 1000) else {
      return false
    }
    limit.rlim_cur = limit.rlim_max
    return unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
  }()

  private struct Look: Sendable, Hashable {
    /// The ports of the large tuple, and of one that grows.
    let large, growing: Int?
    let tuples: Int?
    let isEstimated: Bool

    init(_ snapshot: PoolSnapshot) {
      let connect = snapshot.namespaces[0].tcp?.pressure?.connect
      func used(_ host: String) -> Int? { connect?.tuples.first { $0.tuple.destination == IPAddress(host) }?.used }
      (large, growing) = (used(ManyTuplesTests.host(1 << 16)), used(ManyTuplesTests.host(5)))
      tuples = connect?.tupleCounts[.ipv6]
      isEstimated = snapshot.remarks.contains { "\($0)".contains("more tuples") }
    }
  }

  private static func host(_ number: Int) -> String { "2001:db8::\(String(number >> 16, radix: 16)):\(String(number & 0xffff, radix: 16))" }

  @Test(
    "the large ones are counted to the port, however often, and so is one that grows, until there is room for all again",
    .enabled(if: mayOpenEnough, "the process may not open \(small) sockets"))
  func large() async throws {
    let looks = try await NetworkNamespace.run(pool: 32768...60999, sysctls: ["core/somaxconn": "65535"]) { namespace in
      try namespace.ip("-6", "route", "add", "local", "2001:db8::/32", "dev", "lo")
      // Whom nobody accepts waits with it.
      let server = try TestSocket.listener(SocketAddress("::", 8080), backlog: 65535)
      func client(_ number: Int) throws -> TestSocket {
        let client = try TestSocket.client(to: SocketAddress(Self.host(number), 8080))
        try client.resetOnClose()
        return client
      }
      var staying = try (0..<40).map { _ in try client(1 << 16) }
      staying += try (1...100).map { try client($0) }
      var leaving = try (101...Self.small).map { try client($0) }
      let scraper = Scenario.scraper(.bpf)
      var looks = [Look(scraper.snapshot()), Look(scraper.snapshot())]
      staying += try (0..<7).map { _ in try client(5) }
      looks += [Look(scraper.snapshot()), Look(scraper.snapshot())]
      leaving.removeAll()
      looks += [Look(scraper.snapshot()), Look(scraper.snapshot())]
      withExtendedLifetime((server, staying)) {}
      return looks
    }
    #expect(looks.map(\.large) == [40, 40, 40, 40, 40, 40])
    #expect(looks.map(\.growing).suffix(4) == [8, 8, 8, 8])
    #expect(looks.map(\.isEstimated) == [true, true, true, true, false, false])
    for tuples in looks.prefix(4).map(\.tuples) { #expect(abs((tuples ?? 0) - Self.small) < Self.small / 50) }
    #expect(looks.suffix(2).map(\.tuples) == [101, 101])
  }
}
