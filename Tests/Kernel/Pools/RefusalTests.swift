import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// What the kernel refuses for want of a port is counted to the one, and nothing else is.
@Suite("refused ports", .networkNamespaces, .refusalsCounted, .serialized)
struct RefusalTests {
  private static let second = SocketAddress("::1", 8080)

  /// What was refused to `body` in a namespace of its own, and how many of its calls failed.
  private func refusals(
    pool: ClosedRange<UInt16> = 40000...40009, _ body: @escaping @Sendable (inout [TestSocket]) throws -> Int
  ) async throws -> (failed: Int, refusals: Refusals, own: Refusals.Namespace) {
    let (failed, snapshot) = try await NetworkNamespace.run(pool: pool) { _ in
      var held: [TestSocket] = []
      let failed = try body(&held)
      defer { withExtendedLifetime(held) {} }
      return (failed, PoolScraper(ScraperConfiguration(proc: ProcFileSystem(view: .thread))).snapshot([.refusals]))
    }
    #expect(snapshot.problems.isEmpty)
    let refusals = try #require(snapshot.refusals)
    return (failed, refusals, try #require(refusals.namespaces.first))
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
    let (failed, all, own) = try await refusals { held in
      held += [try .listener(a), try .listener(b), try .listener(Self.second)]
      var failed = Self.failures(17, &held) { () throws(SystemCallFailure) in try .client(to: a) }
      failed += Self.failures(4, &held) { () throws(SystemCallFailure) in try .client(to: SocketAddress("::ffff:127.0.0.1", 8080)) }
      return failed + Self.failures(13, &held) { () throws(SystemCallFailure) in try .client(to: Self.second) }
    }
    #expect(failed == 14 && own.counts == Refusals.Counts([.connect: 14]) && own.name == "host")
    let cases = all.cases.filter { $0.namespace == own.name }
    #expect(cases.map(\.tuple.arrow).sorted() == ["127.0.0.1 → 127.0.0.1:8080", "::1 → [::1]:8080"])
    #expect(cases.map(\.count) == [11, 3] && cases.allSatisfy { $0.kind == .connect && !$0.program.isEmpty })
    let age = WallClock.seconds - (own.last ?? 0)
    #expect(0...60 ~= age, "the last one was \(age) s ago")
  }

  @Test("from an address alone, the source is the bound one")
  func addressOnly() async throws {
    let (failed, all, own) = try await refusals { held in
      held.append(try .listener(a))
      return Self.failures(12, &held) { () throws(SystemCallFailure) in try .client(to: a, source: .addressOnly("127.0.0.5")) }
    }
    #expect(failed == 2 && own.counts == Refusals.Counts([.connect: 2]))
    #expect(all.cases.filter { $0.namespace == own.name }.map(\.tuple.arrow) == ["127.0.0.5 → 127.0.0.1:8080"])
  }

  @Test("bind() to port 0, listen() without bind(), a bound socket whose destination has its port, and UDP of every kind", .fexitAllowed)
  func otherKinds() async throws {
    let (failed, all, own) = try await refusals { held in
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
    #expect(failed == 5 + 2 + 2 + 3 + 2)
    #expect(own.counts == Refusals.Counts([.bind: 7, .udp: 5, .connectBound: 2]))
    let titles = Set(all.cases.filter { $0.namespace == own.name }.map(\.title))
    #expect(titles.isSuperset(of: ["bind() to 127.0.0.1", "127.0.0.9 → 127.0.0.1:8080, bound first"]), "\(titles)")
  }

  @Test("what fails for another reason is not counted")
  func othersReasons() async throws {
    let (failed, _, own) = try await refusals { held in
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
    #expect(failed == 1 + 1 + 1 + 20 + 1 + 1)
    #expect(own.counts.total == 0 && own.last == nil)
  }

  @Test("many threads that are refused at the same moment are counted to the one")
  func together() async throws {
    let (failed, all, own) = try await refusals(pool: 40000...40001) { held in
      held += [try .listener(SocketAddress("127.0.0.1", 40000)), try .listener(SocketAddress("127.0.0.1", 40001))]
      let outcomes = (0..<4).map { _ in Mailbox<Int>() }
      for outcome in outcomes {
        _ = DetachedThread.start {
          var held: [TestSocket] = []
          outcome.put(
            Self.failures(600, &held) { () throws(SystemCallFailure) in
              // A row for each of twenty destinations, which several threads want at once.
              try .client(to: SocketAddress("127.0.1.\(Int.random(in: 0..<20))", 8080))
            })
        }
      }
      return outcomes.map { $0.take() }.reduce(0, +)
    }
    #expect(failed == 2400 && own.counts == Refusals.Counts([.connect: 2400]))
    let cases = all.cases.filter { $0.namespace == own.name }
    #expect(cases.map(\.count).reduce(0, +) == 2400 && Set(cases.map(\.tuple)).count == 20)
  }

  @Test("more destinations than a table has room for lose no refusal, and the tables are emptied meanwhile")
  func manyDestinations() async throws {
    let (sums, listed) = try await NetworkNamespace.run(pool: 40000...40001) { _ in
      let held = [try TestSocket.listener(SocketAddress("127.0.0.1", 40000)), try .listener(SocketAddress("127.0.0.1", 40001))]
      defer { withExtendedLifetime(held) {} }
      let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(view: .thread)))
      var (sums, listed): ([UInt64], [UInt64]) = ([], [])
      for round in 0..<5 {
        var none: [TestSocket] = []
        for host in 0..<200 {
          _ = Self.failures(1, &none) { () throws(SystemCallFailure) in
            try .client(to: SocketAddress("127.\(round + 1).\(host / 100).\(host % 100 + 1)", 443))
          }
        }
        let own = scraper.snapshot([.refusals]).refusals?.namespaces.first
        sums.append(own?.counts.total ?? 0)
        let reading = try RefusalCounter.reading()
        listed.append(reading.counts.cases.filter { $0.key.tuple.destinationPort == 443 }.reduce(0) { $0 + $1.value.count })
        TestSocket.pause(1.1)
      }
      return (sums, listed)
    }
    #expect(sums == [200, 400, 600, 800, 1000])
    // As many as there are rows: in one table the last would have found none.
    #expect(listed == sums)
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where no program may follow the kernel's functions.
  fileprivate static var fexitAllowed: Self {
    .enabled(if: (try? RefusalCounter.reading().kinds) == Refusals.Kind.allCases, "this kernel lets no program follow its functions")
  }
}
