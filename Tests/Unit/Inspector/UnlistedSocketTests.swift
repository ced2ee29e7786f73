import Glibc
import Inspector
import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// `/proc` shows no bound sockets on any kernel, so that what is found here is found on those whose inet_diag shows none either.
@Suite("bound sockets that no table lists, found through descriptors", .networkNamespaces, .serialized)
struct UnlistedSocketTests {
  private static func search() throws -> UnlistedSockets { try UnlistedSockets(HostFiles(), ProcFileSystem(view: .thread)) }

  @Test("all of a namespace are found, of either family, and nothing that listens, connects or is not TCP")
  func found() async throws {
    let (unlisted, ports) = try await NetworkNamespace.run { _ in
      let bound =
        try (0..<10).map { _ in try TestSocket.bound(to: SocketAddress("127.0.0.1")) } + [TestSocket.bound(to: SocketAddress("::1"))]
      let others = [
        try TestSocket.listener(SocketAddress("127.0.0.1", 8080)), try .client(to: SocketAddress("127.0.0.1", 8080)),
        try .bound(.udp, to: SocketAddress("127.0.0.1")), try TestSocket(.tcp),
      ]
      defer { withExtendedLifetime((bound, others)) {} }
      return (try Self.search(), bound.compactMap { $0.localAddress?.port })
    }
    #expect(unlisted.records.map(\.localPort).sorted() == ports.sorted())
    #expect(unlisted.records.count { $0.local == .loopbackIPv4 } == 10 && unlisted.records.count { !$0.local.isIPv4 } == 1)
    #expect(unlisted.reach.isWhole && unlisted.gap == nil)
    #expect(unlisted.limit ?? 0 >= 11)
  }

  @Test("explain names the program of a bound socket, whether this kernel lists such sockets or not")
  func explain() async throws {
    let report = try await NetworkNamespace.run { _ in
      let bound = try TestSocket.bound(to: SocketAddress("127.0.0.1", 40007))
      defer { withExtendedLifetime(bound) {} }
      return try PortInspector(HostFiles(), view: .thread).report(40007, [.tcp])
    }
    #expect(report.sockets.map(\.direction) == [.bound])
    #expect(report.sockets.flatMap(\.owner.processes).map(\.pid) == [getpid()])
    #expect(!report.notes.contains { $0.contains("bound and neither listen nor connect") }, "\(report.notes)")
  }

  @Test("doctor finds the ports that they hold where this kernel does not list them, and counts them as blocked where it does")
  func doctor() async throws {
    let (diagnosis, snapshot, isListed) = try await NetworkNamespace.run(pool: 40000...40099) { _ in
      let bound = try (0..<12).map { _ in try TestSocket.bound(to: SocketAddress("127.0.0.1")) }
      defer { withExtendedLifetime(bound) {} }
      let proc = ProcFileSystem(view: .thread)
      let scraper = PoolScraper(ScraperConfiguration(proc: proc))
      return (
        Doctor(HostFiles(), view: .thread, watch: .zero).diagnosis(), scraper.snapshot(),
        KernelAbilities(of: proc)[.listsBoundSockets]
      )
    }
    let findings = diagnosis.findings.filter { $0.id == "unlisted-binds" }
    #expect(snapshot.own?.tcp?.pressure?.blocked == (isListed == true ? 12 : 0))
    #expect(findings.map(\.severity) == (isListed == true ? [] : [.warning]), "\(diagnosis)")
    #expect(
      findings.allSatisfy { $0.title.hasPrefix("12 pool ports ") && $0.evidence.first?.contains("(pid \(getpid())): 12 sockets") == true })
    #expect(
      diagnosis.facts.contains { $0.hasPrefix("kernel: lists_bound_sockets \(isListed == true ? "yes" : "no")") }, "\(diagnosis.facts)")
  }

  @Test("those of another namespace are not, whatever program has them")
  func otherNamespace() async throws {
    let unlisted = try await NetworkNamespace.run { _ in
      let bound = try TestSocket.bound(to: SocketAddress("127.0.0.1"))
      defer { withExtendedLifetime(bound) {} }
      let result = try NamespaceThread.run { thread in
        Result {
          try thread.makeNetwork()
          return try Self.search()
        }
      }
      return try result.get()
    }
    #expect(unlisted.records.isEmpty)
  }

  @Test(
    "what could not be asked is a sentence, with what may be missing at most",
    arguments: [
      (DescriptorSockets.Reach(), 7, nil),
      (.init(refused: 1), 7, "1 program could not be asked: run this with sudo (CAP_SYS_PTRACE); the whole host has at most 7 of them"),
      (.init(refused: 2), nil, "2 programs could not be asked: run this with sudo (CAP_SYS_PTRACE)"),
      (.init(isLate: true), 7, "not all programs could be asked in time; the whole host has at most 7 of them"),
      (.init(isUnsupported: true), 7, "this kernel lets nobody ask (pidfd_getfd, Linux 5.6); the whole host has at most 7 of them"),
    ] as [(DescriptorSockets.Reach, UInt64?, String?)])
  func gap(reach: DescriptorSockets.Reach, limit: UInt64?, text: String?) {
    #expect(UnlistedSockets(records: [], reach: reach, limit: limit).gap == text)
  }

  @Test("without rights it is said that programs could not be asked, and how many sockets there are at most")
  func unprivileged() async throws {
    let unlisted = try await NetworkNamespace.run { _ in
      let bound = try TestSocket.bound(to: SocketAddress("127.0.0.1"))
      defer { withExtendedLifetime(bound) {} }
      return try NamespaceThread.run { _ in
        Result {
          try Unprivileged.become()
          return try Self.search()
        }
      }.get()
    }
    let gap = try #require(unlisted.gap)
    #expect(gap.contains("could not be asked: run this with sudo") && gap.contains("the whole host has at most"), "\(gap)")
  }
}
