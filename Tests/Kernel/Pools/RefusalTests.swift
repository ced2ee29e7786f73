import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// What the kernel refuses for want of a port is counted to the one, and nothing else is.
@Suite("refused ports", .networkNamespaces, .refusalsCounted, .serialized)
struct RefusalTests {
  private static let second = SocketAddress("::1", 8080)

  /// What was refused in one namespace.
  private struct Found: Sendable {
    /// How many calls failed.
    var failed = 0
    var counts = Refusals.Counts()
    var cases: [RefusalCounts.Case: UInt64] = [:]
    /// Calls of the whole host that the programs were not run for meanwhile; `nil` where the kernel does not say it.
    var missed: UInt64?
  }

  /// What was refused to `body` in a namespace of its own. One that has ended may have had the same number, so that only what is added counts.
  private func refusals(
    pool: ClosedRange<UInt16> = 40000...40009, _ body: @escaping @Sendable (inout [TestSocket]) throws -> Int
  ) async throws -> Found {
    try await NetworkNamespace.run(pool: pool) { _ in
      let id = try #require(ProcFileSystem(view: .thread).viewedNamespace)
      let start = try RefusalCounter.reading()
      let before = start.counts
      var held: [TestSocket] = []
      var found = Found()
      found.failed = try body(&held)
      let end = try RefusalCounter.reading()
      let after = end.counts
      withExtendedLifetime(held) {}
      if let last = end.missed, let first = start.missed { found.missed = last - first }
      for (namespace, value) in after.namespaces where namespace.id == id {
        for kind in Refusals.Kind.allCases {
          found.counts[kind] += value.counts[kind] - (before.namespaces[namespace]?.counts[kind] ?? 0)
        }
      }
      for (each, value) in after.cases where each.namespace.id == id {
        let added = value.count - (before.cases[each]?.count ?? 0)
        if added > 0 { found.cases[each] = added }
      }
      return found
    }
  }

  /// Makes `count` sockets and holds those that it gets.
  private static func failures(
    _ count: Int, _ held: inout [TestSocket], _ make: () throws(SystemCallFailure) -> TestSocket
  ) -> Int {
    var failed = 0
    for _ in 0..<count {
      do throws(SystemCallFailure) { held.append(try make()) } catch { failed += 1 }
    }
    return failed
  }

  @Test("connect() to a full destination, over IPv4, IPv6 and IPv4 from an IPv6 socket, with who asked and for what")
  func connect() async throws {
    let found = try await refusals { held in
      held += [try .listener(a), try .listener(b), try .listener(Self.second)]
      var failed = Self.failures(17, &held) { () throws(SystemCallFailure) in try .client(to: a) }
      failed += Self.failures(4, &held) { () throws(SystemCallFailure) in try .client(to: SocketAddress("::ffff:127.0.0.1", 8080)) }
      return failed + Self.failures(13, &held) { () throws(SystemCallFailure) in try .client(to: Self.second) }
    }
    #expect(found.failed == 14 && found.counts == Refusals.Counts([.connect: 14]))
    let cases = found.cases.sorted { $0.value > $1.value }
    #expect(cases.map(\.key.tuple.arrow) == ["127.0.0.1 → 127.0.0.1:8080", "::1 → [::1]:8080"])
    #expect(cases.map(\.value) == [11, 3] && cases.allSatisfy { $0.key.kind == .connect && !$0.key.program.isEmpty })
  }

  @Test("from an address alone, the source is the bound one")
  func addressOnly() async throws {
    let found = try await refusals { held in
      held.append(try .listener(a))
      return Self.failures(12, &held) { () throws(SystemCallFailure) in try .client(to: a, source: .addressOnly("127.0.0.5")) }
    }
    #expect(found.failed == 2 && found.counts == Refusals.Counts([.connect: 2]))
    #expect(found.cases.map(\.key.tuple.arrow) == ["127.0.0.5 → 127.0.0.1:8080"])
  }

  @Test("bind() to port 0, listen() without bind(), a bound socket whose destination has its port, and UDP of every kind", .fexitAllowed)
  func otherKinds() async throws {
    let found = try await refusals { held in
      held.append(try .listener(a))
      // The first ten take all ports of the namespace.
      var failed = Self.failures(15, &held) { () throws(SystemCallFailure) in try .bound(to: SocketAddress("127.0.0.1")) }
      failed += Self.failures(2, &held) { () throws(SystemCallFailure) in
        let socket = try TestSocket(.tcp)
        try socket.listen()
        return socket
      }
      let destination = SocketAddress("127.0.0.1", 9)
      failed += Self.failures(12, &held) { () throws(SystemCallFailure) in try .client(.udp, to: destination) }
      failed += Self.failures(3, &held) { () throws(SystemCallFailure) in try .bound(.udp, to: SocketAddress("127.0.0.1")) }
      return failed
        + Self.failures(3, &held) { () throws(SystemCallFailure) in
          let socket = try TestSocket(.tcp)
          try socket.set(1, 2, 1)  // SOL_SOCKET, SO_REUSEADDR
          try socket.bind(SocketAddress("127.0.0.9", 50000))
          try socket.connect(a)
          return socket
        }
    }
    #expect(found.failed == 5 + 2 + 2 + 3 + 2)
    #expect(found.counts == Refusals.Counts([.bind: 7, .udp: 5, .connectBound: 2]))
    let arrow = "127.0.0.9 → 127.0.0.1:8080"
    #expect(found.cases.contains { $0.key.kind == .connectBound && $0.key.tuple.arrow == arrow && $0.value == 2 })
    #expect(found.cases.contains { $0.key.kind == .bind && $0.key.tuple.sourceText == "127.0.0.1" && $0.value == 5 })
  }

  @Test("what fails for another reason is not counted")
  func othersReasons() async throws {
    let found = try await refusals { held in
      held.append(try .listener(a))
      var failed = Self.failures(1, &held) { () throws(SystemCallFailure) in try .bound(to: SocketAddress("203.0.113.9")) }
      failed += Self.failures(1, &held) { () throws(SystemCallFailure) in try .client(to: SocketAddress("203.0.113.9", 80)) }
      failed += Self.failures(1, &held) { () throws(SystemCallFailure) in try .client(to: SocketAddress("2001:db8::9", 80)) }
      failed += Self.failures(20, &held) { () throws(SystemCallFailure) in try .client(to: SocketAddress("127.0.0.3", 1)) }
      failed += Self.failures(1, &held) { () throws(SystemCallFailure) in try .bound(to: a) }
      failed += Self.failures(2, &held) { () throws(SystemCallFailure) in try .bound(.udp, to: SocketAddress("127.0.0.1", 7)) }
      // A connection that is given up while it waits for an answer.
      let waiting = try TestSocket.client(to: SocketAddress("127.0.0.1", 8080), waiting: false)
      waiting.close()
      return failed
    }
    #expect(found.failed == 1 + 1 + 1 + 20 + 1 + 1)
    #expect(found.counts.total == 0 && found.cases.isEmpty)
  }

  @Test("what Portpool itself tries is not counted")
  func trial() async throws {
    let found = try await refusals { held in
      held.append(try .listener(a))
      held += try TestSocket.clients(10, to: a)
      let outcome = Mailbox<Int>()
      _ = DetachedThread.start {
        RefusalCounter.exceptThisThread()
        var none: [TestSocket] = []
        outcome.put(Self.failures(5, &none) { () throws(SystemCallFailure) in try .client(to: a) })
      }
      return outcome.take() + Self.failures(1, &held) { () throws(SystemCallFailure) in try .client(to: a) }
    }
    #expect(found.failed == 6 && found.counts == Refusals.Counts([.connect: 1]))
  }

  /// What is refused to so many threads that try `attempts` times each at the same moment.
  private func refusals(
    threads: Int, attempts: Int, preparing prepare: @escaping @Sendable () throws -> Void = {}
  ) async throws -> Found {
    try await refusals(pool: 40000...40001) { held in
      held += [try .listener(SocketAddress("127.0.0.1", 40000)), try .listener(SocketAddress("127.0.0.1", 40001))]
      let outcomes = (0..<threads).map { _ in Mailbox<Result<Int, any Error>>() }
      for outcome in outcomes {
        let isStarted = DetachedThread.start {
          outcome.put(
            .init {
              try prepare()
              var held: [TestSocket] = []
              return Self.failures(attempts, &held) { () throws(SystemCallFailure) in
                // A row for each of twenty destinations, which several threads want at once.
                try .client(to: SocketAddress("127.0.1.\(Int.random(in: 0..<20))", 8080))
              }
            })
        }
        if !isStarted { outcome.put(.failure(SystemCallFailure("pthread_create"))) }
      }
      return try outcomes.map { try $0.take().get() }.reduce(0, +)
    }
  }

  /// That what was refused lies between what was counted and that with what was missed. A kernel that misses nothing (before Linux 5.12) counts all.
  private func expectBounds(_ found: Found, _ failed: UInt64) {
    let counted = found.counts[.connect]
    #expect(UInt64(found.failed) == failed)
    #expect(
      counted <= failed && failed <= counted + (found.missed ?? 0),
      "\(failed) refused, \(counted) counted, \(found.missed.map { "\($0)" } ?? "unknown") missed")
    #expect(found.counts.total == counted && found.cases.values.reduce(0, +) == counted)
  }

  @Test("many threads that are refused at the same moment are counted, none twice, and it is known how many were missed at most")
  func together() async throws {
    let found = try await refusals(threads: 4, attempts: 600)
    expectBounds(found, 2400)
    #expect(Set(found.cases.keys.map(\.tuple)).count == 20)
  }

  /// The kernel does not run a program in a thread that came in between while another on the same processor was in it. Where the kernel is preemptible that
  /// happens all the time here; how often is up to its scheduler.
  @Test("of threads that interrupt each other on one processor it is known how many refusals were missed at most")
  func interrupted() async throws {
    var rounds: [(counted: UInt64, missed: UInt64)] = []
    // Until something was missed, if it is.
    while rounds.count < 3, rounds.last.map({ $0.missed == 0 }) ?? true {
      let found = try await refusals(threads: 16, attempts: 400) { try DetachedThread.stayOnOneProcessor() }
      expectBounds(found, 6400)
      rounds.append((found.counts[.connect], found.missed ?? 0))
    }
    let texts = rounds.map { "\($0.counted) counted, \($0.missed) missed" }
    print("of 6400 refusals on one processor: \(texts.joined(separator: "; "))")
  }

  @Test("whether the kernel says how many it missed: from Linux 5.12 on, before which it misses none")
  func saysMissed() throws {
    let release = try #require(KernelRelease.current)
    #expect((try RefusalCounter.reading().missed != nil) == (release >= KernelRelease(major: 5, minor: 12)))
  }

  @Test("namespaces that come and go are told apart, though the kernel gives them the same few numbers")
  func reusedNumbers() async throws {
    let elsewhere = try RefusalCounter.reading().elsewhere
    for _ in 0..<60 {
      let found = try await refusals(pool: 40000...40001) { held in
        held += [try .listener(SocketAddress("127.0.0.1", 40000)), try .listener(SocketAddress("127.0.0.1", 40001))]
        return Self.failures(3, &held) { () throws(SystemCallFailure) in try .client(to: a) }
      }
      #expect(found.failed == 3 && found.counts == Refusals.Counts([.connect: 3]))
    }
    #expect(try RefusalCounter.reading().elsewhere == elsewhere)
  }

  @Test("more destinations than a table has room for lose no refusal, and the tables are emptied meanwhile")
  func manyDestinations() async throws {
    let sums = Mailbox<[UInt64]>()
    let found = try await refusals(pool: 40000...40001) { held in
      held += [try .listener(SocketAddress("127.0.0.1", 40000)), try .listener(SocketAddress("127.0.0.1", 40001))]
      let start = try Self.listed()
      var (failed, listed): (Int, [UInt64]) = (0, [])
      for round in 0..<5 {
        failed += (0..<200).reduce(0) { sum, host in
          sum
            + Self.failures(1, &held) { () throws(SystemCallFailure) in
              try .client(to: SocketAddress("127.\(round + 1).\(host / 100).\(host % 100 + 1)", 443))
            }
        }
        listed.append(try Self.listed() - start)
        TestSocket.pause(1.1)
      }
      sums.put(listed)
      return failed
    }
    #expect(found.failed == 1000 && found.counts == Refusals.Counts([.connect: 1000]))
    // As many as there are rows: in one table the last would have found none.
    #expect(sums.take() == [200, 400, 600, 800, 1000])
  }

  /// How many refusals of connects to port 443 have a case, in any namespace.
  private static func listed() throws -> UInt64 {
    try RefusalCounter.reading().counts.cases.filter { $0.key.tuple.destinationPort == 443 }.reduce(0) { $0 + $1.value.count }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where no program may follow the kernel's functions.
  fileprivate static var fexitAllowed: Self {
    .enabled(if: (try? RefusalCounter.reading().kinds) == Refusals.Kind.allCases, "this kernel lets no program follow its functions")
  }
}
