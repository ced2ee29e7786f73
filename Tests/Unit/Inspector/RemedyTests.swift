import Foundation
import Inspector
import Kernel
import PortModel
import Synchronization
import TestSupport
import Testing

/// What a namespace showed before and after its remedy.
private struct Course: Sendable {
  let before: [Finding]
  let after: [Finding]

  func finding(_ id: String) -> Finding? { before.first { $0.id == id } }
}

/// A finding that was expected and is not there, or asks for no setting. Expectations on a namespace's thread would not know their test.
private struct MissingFinding: Error {
  let id: String
  let found: [String]
}

@Suite("Each finding in a real namespace, and gone after its remedy", .networkNamespaces, .serialized)
struct RemedyTests {
  private static func findings(_ watch: Duration = .zero) -> [Finding] {
    Doctor(HostFiles(), view: .thread, exporterPort: 1030, watch: watch).diagnosis().findings
  }

  /// Writes what a finding asks for into the namespace, as `sysctl -w` would.
  private static func apply(_ id: String, _ findings: [Finding], _ namespace: NetworkNamespace) throws {
    guard let finding = findings.first(where: { $0.id == id }), !finding.settings.isEmpty else {
      throw MissingFinding(id: id, found: findings.map(\.id))
    }
    for line in finding.settings {
      try namespace.set(String(line.name.replacing(".", with: "/").dropFirst("net/".count)), line.value)
    }
  }

  /// Diagnoses, applies the settings of finding `id`, and diagnoses again.
  private func course(
    _ id: String, pool: ClosedRange<UInt16> = 40000...40099, sysctls: KeyValuePairs<String, String> = [:], watch: Duration = .zero,
    _ make: @escaping @Sendable () throws -> [any Sendable]
  ) async throws -> Course {
    try await NetworkNamespace.run(pool: pool, sysctls: sysctls) { namespace in
      let held = try make()
      let before = Self.findings(watch)
      try Self.apply(id, before, namespace)
      let after = Self.findings(watch)
      withExtendedLifetime(held) {}
      return Course(before: before, after: after)
    }
  }

  @Test("a server in the pool is reserved, and those that were reserved before stay so")
  func listener() async throws {
    let course = try await course("unreserved-listeners", sysctls: ["ipv4/ip_local_reserved_ports": "40050"], watch: .milliseconds(50)) {
      [
        try TestSocket.listener(SocketAddress("127.0.0.1", 40007)), try TestSocket.bound(.udp, to: SocketAddress("127.0.0.1", 40009)),
        // Whoever lets the kernel choose has another port after the next start.
        try { () throws -> TestSocket in
          let socket = try TestSocket.bound(to: SocketAddress("127.0.0.1"))
          try socket.listen()
          return socket
        }(),
      ]
    }
    let finding = try #require(course.finding("unreserved-listeners"))
    #expect(finding.evidence.count == 2 && finding.evidence.allSatisfy { $0.contains("(pid \(getpid()))") }, "\(finding.evidence)")
    #expect(finding.settings.map(\.value) == ["40007,40009,40050"])
    #expect(!course.after.contains { $0.id == "unreserved-listeners" })
  }

  @Test(
    "the UDP ports of a resolver or a relay are neither servers nor reserved, and the program is named", arguments: [5, 17] as [UInt16])
  func resolver(count: UInt16) async throws {
    let (watched, once) = try await NetworkNamespace.run { _ in
      let queries = try (0..<count).map { try TestSocket.bound(.udp, to: SocketAddress("0.0.0.0", 40010 + $0)) }
      let once = Doctor(HostFiles(), view: .thread, watch: .zero).diagnosis()
      // A few queries are answered meanwhile, and others asked; many ports are a program's own choice, answered or not.
      let end = DispatchSemaphore(value: 0)
      let exchanged = Atomic(0)
      if count == 5 {
        Thread.detachNewThread {
          var (queries, port) = (queries, UInt16(40030))
          while end.wait(timeout: .now() + .milliseconds(20)) == .timedOut {
            if let next = try? TestSocket.bound(.udp, to: SocketAddress("0.0.0.0", port)) { queries.append(next) }
            if queries.count > 5 {
              queries.removeFirst().close()
              exchanged.add(1, ordering: .relaxed)
            }
            port = port == 40090 ? 40030 : port + 1
          }
        }
      }
      var watched = once
      for _ in 0..<20 {
        let before = exchanged.load(ordering: .relaxed)
        watched = Doctor(HostFiles(), view: .thread, watch: .milliseconds(500)).diagnosis()
        // On a busy machine there may be no time to exchange all of them in one watch, or all have gone when it is asked whose they are.
        let isSeen = watched.facts.contains { $0.contains("come and go") && $0.contains("(pid \(getpid()))") }
        if count != 5 || isSeen && exchanged.load(ordering: .relaxed) - before > 5 { break }
      }
      end.signal()
      withExtendedLifetime(queries) {}
      return (watched, once)
    }
    for diagnosis in [watched, once] {
      #expect(!diagnosis.findings.contains { $0.id == "unreserved-listeners" }, "\(diagnosis.findings)")
      #expect(!diagnosis.settings.contains { $0.value.contains("4001") })
    }
    let facts = [watched, once].map { $0.facts.first { $0.hasPrefix("not taken for servers") } ?? "" }
    // Of ports that come and go, some have gone before anyone can be asked whose they are.
    let number = count == 5 ? "" : "\(count) UDP ports"
    #expect(facts.allSatisfy { $0.contains("(pid \(getpid())) with \(number)") }, "\(facts)")
    #expect(facts[0].contains("come and go") && facts[1].contains("one look does not tell"))
  }

  @Test("a full tuple has its range widened, and connect() works again")
  func exhausted() async throws {
    let (course, left) = try await NetworkNamespace.run { namespace in
      let destination = SocketAddress("127.0.0.1", 8080)
      let listener = try TestSocket.listener(destination)
      let clients = try TestSocket.clients(100, to: destination)
      let before = Self.findings()
      let refused = Refusal.ofConnects(to: destination).count
      try Self.apply("tuple-exhausted", before, namespace)
      let result = (Course(before: before, after: Self.findings()), (refused, Refusal.ofConnects(to: destination, limit: 200).count))
      withExtendedLifetime((listener, clients)) {}
      return result
    }
    #expect(course.finding("tuple-exhausted")?.severity == .critical)
    #expect(course.finding("tuple-exhausted")?.evidence.last?.contains("(pid \(getpid())): 100 connections") == true)
    #expect(left == (0, 200))
    #expect(!course.after.contains { $0.id.hasPrefix("tuple-") || $0.id == "narrow-pool" }, "\(course.after.map(\.id))")
  }

  @Test(
    "ports that a program bound for itself block every destination until the range is widened; the program is named",
    arguments: [0, 10, 45])
  func blocked(left: Int) async throws {
    let (course, counts) = try await NetworkNamespace.run { namespace in
      let busy = SocketAddress("127.0.0.1", 8080)
      let idle = SocketAddress("127.0.0.1", 8081)
      let listeners = [try TestSocket.listener(busy), try TestSocket.listener(idle)]
      let held = try (40000..<UInt16(40100 - left)).map { try TestSocket.client(to: busy, source: .fixed("127.0.0.1", $0)) }
      let before = Self.findings()
      let refused = Refusal.ofConnects(to: idle)
      try Self.apply("pool-blocked", before, namespace)
      let result = (Course(before: before, after: Self.findings()), (refused, Refusal.ofConnects(to: idle, limit: 200)))
      withExtendedLifetime((listeners, held)) {}
      return result
    }
    let finding = try #require(course.finding("pool-blocked"), "\(course.before.map(\.id))")
    #expect(finding.severity == (left == 45 ? .warning : .critical))
    #expect(finding.evidence.last?.contains("(pid \(getpid())): \(100 - left) sockets") == true, "\(finding.evidence)")
    #expect(!course.before.contains { $0.id.hasPrefix("tuple-") }, "one cause is one finding: \(course.before.map(\.id))")
    #expect(counts.0 == Refusal(count: left, number: EADDRNOTAVAIL) && counts.1.count == 200, "\(counts)")
    #expect(!course.after.contains { $0.id == "pool-blocked" })
  }

  @Test("a range of which every port is reserved is critical, and connect() works again after the remedy")
  func allReserved() async throws {
    let (course, counts) = try await NetworkNamespace.run(sysctls: ["ipv4/ip_local_reserved_ports": "40000-40099"]) { namespace in
      let destination = SocketAddress("127.0.0.1", 8080)
      let listener = try TestSocket.listener(destination)
      let before = Self.findings()
      let refused = Refusal.ofConnects(to: destination)
      try Self.apply("pool-blocked", before, namespace)
      let result = (Course(before: before, after: Self.findings()), (refused, Refusal.ofConnects(to: destination, limit: 200)))
      withExtendedLifetime(listener) {}
      return result
    }
    let finding = try #require(course.finding("pool-blocked"))
    #expect(finding.severity == .critical && finding.evidence == ["every port of ip_local_port_range is reserved"])
    #expect(counts.0 == Refusal(count: 0, number: EADDRNOTAVAIL) && counts.1.count == 200, "\(counts)")
    #expect(!course.after.contains { $0.id == "pool-blocked" || $0.id == "narrow-pool" }, "\(course.after.map(\.id))")
  }

  @Test("a range that is narrow because of reserved ports is widened only where that gives more")
  func reservedPool() async throws {
    let advised = try await NetworkNamespace.run(pool: 1024...65535, sysctls: ["ipv4/ip_local_reserved_ports": "1024-60000"]) { _ in
      Self.findings()
    }
    let finding = try #require(advised.first { $0.id == "narrow-pool" })
    #expect(finding.settings == [] && finding.remedy.first?.hasPrefix("Reserve fewer ports") == true, "\(finding)")
    let course = try await course("narrow-pool", pool: 32768...60999, sysctls: ["ipv4/ip_local_reserved_ports": "32768-60000"]) { [] }
    #expect(course.finding("narrow-pool")?.settings.last?.value == "10240 65535")
    #expect(!course.after.contains { $0.id == "narrow-pool" }, "\(course.after)")
  }

  @Test("a host without an IPv6 address gets the errno of a full pool, and is told that it is another cause")
  func withoutAddress() async throws {
    let (error, bind, diagnosis) = try await NetworkNamespace.run(pool: nil, sysctls: ["ipv6/conf/all/disable_ipv6": "1"]) { _ in
      (
        Refusal.ofConnects(to: SocketAddress("::1", 8080)), Refusal.ofBinds(to: "192.0.2.77"),
        Doctor(HostFiles(), view: .thread, watch: .zero).diagnosis()
      )
    }
    #expect(error == Refusal(count: 0, number: EADDRNOTAVAIL) && bind == Refusal(count: 0, number: EADDRNOTAVAIL))
    #expect(diagnosis.findings == [] && diagnosis.exitStatus == 0)
    #expect(diagnosis.facts.contains { $0.hasPrefix("IPv6 is on but has no address") && $0.contains("that is not the pool") })
    #expect(diagnosis.facts.contains { $0.hasPrefix("EADDRNOTAVAIL while ports are left is not the pool: bind()") })
  }

  @Test("a host with an address but without a route gets another errno, and no such remark")
  func withoutRoute() async throws {
    let (error, facts) = try await NetworkNamespace.run(pool: nil) { _ in
      (
        Refusal.ofConnects(to: SocketAddress("2001:db8::1", 8080)).number,
        Doctor(HostFiles(), view: .thread, watch: .zero).diagnosis().facts
      )
    }
    #expect(error == ENETUNREACH && !facts.contains { $0.hasPrefix("IPv6 is on") })
  }

  @Test("a tuple that fills has its range widened, from four fifths on", arguments: [(80, "A fifth"), (81, "Less than a fifth")])
  func filling(count: Int, left: String) async throws {
    let course = try await course("tuple-filling") {
      let listener = try TestSocket.listener(SocketAddress("127.0.0.1", 8080))
      return [listener] + (try TestSocket.clients(count, to: SocketAddress("127.0.0.1", 8080)))
    }
    #expect(course.finding("tuple-filling")?.severity == .warning)
    #expect(course.finding("tuple-filling")?.title.hasPrefix("\(left) of the pool is left for 127.0.0.1 → ") == true)
    #expect(!course.after.contains { $0.id.hasPrefix("tuple-") || $0.id == "narrow-pool" }, "\(course.after.map(\.id))")
  }

  @Test("a tuple past its half is slow, and calm again with fewer connections")
  func slow() async throws {
    let (before, after) = try await NetworkNamespace.run { _ in
      let destination = SocketAddress("127.0.0.1", 8080)
      let listener = try TestSocket.listener(destination)
      let clients = try TestSocket.clients(55, to: destination)
      let before = Self.findings()
      for socket in clients.prefix(15) {
        try socket.resetOnClose()
        socket.close()
      }
      let after = Self.findings()
      withExtendedLifetime((listener, clients)) {}
      return (before, after)
    }
    let tuples = before.filter { $0.id.hasPrefix("tuple-") }
    #expect(tuples.map(\.id) == ["tuple-slow"] && tuples.first?.settings == [])
    #expect(!after.contains { $0.id.hasPrefix("tuple-") }, "\(after)")
  }

  @Test("UDP sockets that fill the pool have the range widened, and senders that were refused find ports", arguments: [80, 100])
  func udp(count: Int) async throws {
    let id = count == 100 ? "udp-exhausted" : "udp-filling"
    let (course, left) = try await NetworkNamespace.run { namespace in
      let held = try (0..<count).map { _ in try TestSocket.bound(.udp, to: SocketAddress("127.0.0.1")) }
      let refused = Refusal.ofSenders()
      let before = Self.findings()
      try Self.apply(id, before, namespace)
      let result = (Course(before: before, after: Self.findings()), (refused, Refusal.ofSenders(limit: 200)))
      withExtendedLifetime(held) {}
      return result
    }
    #expect(course.finding(id)?.severity == (count == 100 ? .critical : .warning))
    #expect(course.finding(id)?.evidence.last?.contains("(pid \(getpid())): \(count) sockets") == true)
    #expect(left.0 == Refusal(count: 100 - count, number: EAGAIN) && left.1 == Refusal(count: 200, number: 0))
    #expect(!course.after.contains { $0.id.hasPrefix("udp-") })
  }

  @Test("TIME_WAIT that holds its ports is reused with the setting that is named")
  func timeWait() async throws {
    let course = try await course("time-wait", sysctls: ["ipv4/tcp_tw_reuse": "0"]) {
      [try TestSocket.clientTimeWait(40, to: SocketAddress("127.0.0.1", 8080), age: 1.5)]
    }
    #expect(course.finding("time-wait")?.settings.map(\.command) == ["sysctl -w net.ipv4.tcp_tw_reuse=2"])
    #expect(!course.after.contains { $0.id == "time-wait" })
  }

  @Test("a limit of TIME_WAIT sockets that connections went over is raised")
  func timeWaitBuckets() async throws {
    let course = try await course("time-wait-buckets", sysctls: ["ipv4/tcp_max_tw_buckets": "20"]) {
      [try TestSocket.clientTimeWait(25, to: SocketAddress("127.0.0.1", 8080))]
    }
    #expect(
      course.finding("time-wait-buckets")?.evidence == [
        "20 TIME_WAIT sockets, tcp_max_tw_buckets = 20",
        "TCPTimeWaitOverflow = 5: that many have ended this way since the namespace began",
      ])
    #expect(!course.after.contains { $0.id == "time-wait-buckets" })
  }

  @Test("programs that bind before they connect are named; once they let connect() choose, nothing is found")
  func bindFirst() async throws {
    let (before, after) = try await NetworkNamespace.run { _ in
      let destination = SocketAddress("127.0.0.1", 8080)
      let listener = try TestSocket.listener(destination)
      let early = try TestSocket.clients(30, to: destination, source: .bindFirst("127.0.0.1"))
      let before = Self.findings()
      for socket in early {
        try socket.resetOnClose()
        socket.close()
      }
      TestSocket.pause(0.2)
      let late = try TestSocket.clients(30, to: destination, source: .addressOnly("127.0.0.1"))
      let after = Self.findings()
      withExtendedLifetime((listener, late)) {}
      return (before, after)
    }
    let finding = try #require(before.first { $0.id == "bind-before-connect" }, "\(before.map(\.id))")
    #expect(finding.evidence.first?.contains("(pid \(getpid())): 30 connections") == true, "\(finding.evidence)")
    #expect(!after.contains { $0.id == "bind-before-connect" })
  }

  @Test("programs that set a range of their own are not accused of binding first, and those that do are")
  func ownRanges() async throws {
    let (without, with) = try await NetworkNamespace.run { _ in
      let (first, second) = (SocketAddress("127.0.0.1", 8080), SocketAddress("127.0.0.2", 8080))
      let listeners = [try TestSocket.listener(first), try .listener(second)]
      let ranged = try (0..<20).map { number in
        let socket = try TestSocket(.tcp)
        // One odd port each: IP_LOCAL_PORT_RANGE.
        let port = Int32(40011 + number * 2)
        try socket.set(0, 51, port << 16 | port)
        try socket.connect(first)
        return socket
      }
      let without = Self.findings()
      let binding = try TestSocket.clients(20, to: second, source: .bindFirst("127.0.0.1"))
      defer { withExtendedLifetime((listeners, ranged, binding)) {} }
      return (without, Self.findings())
    }
    #expect(!without.contains { $0.id == "bind-before-connect" })
    let finding = try #require(with.first { $0.id == "bind-before-connect" }, "\(with.map(\.id))")
    #expect(finding.title.hasPrefix("20 connections"))
    #expect(finding.evidence.last == "20 more connections set a range of their own (IP_LOCAL_PORT_RANGE), and block nothing")
  }

  @Test("a program that does not close is named; closed, nothing is found")
  func closeWait() async throws {
    let (before, after) = try await NetworkNamespace.run { _ in
      let made = try TestSocket.halfClosed(12, to: SocketAddress("127.0.0.1", 8080))
      let before = Self.findings(.milliseconds(300))
      made.servers.forEach { $0.close() }
      TestSocket.pause(0.1)
      let after = Self.findings(.milliseconds(300))
      withExtendedLifetime(made) {}
      return (before, after)
    }
    let finding = try #require(before.first { $0.id == "close-wait" }, "\(before.map(\.id))")
    #expect(finding.evidence.first?.contains("(pid \(getpid())): 12 connections") == true, "\(finding.evidence)")
    #expect(!after.contains { $0.id == "close-wait" })
  }

  @Test(
    "a narrow range, one with ends of one parity, and a port of the exporter's in the pool are put right",
    arguments: [
      ("narrow-pool", 40000, 40099), ("range-parity", 30000, 60000), ("range-parity", 40001, 65535), ("exporter-port", 1024, 60999),
    ] as [(String, UInt16, UInt16)])
  func settings(id: String, first: UInt16, last: UInt16) async throws {
    let course = try await course(id, pool: first...last) { [] }
    #expect(course.finding(id) != nil)
    #expect(!course.after.contains { $0.id == id }, "\(course.after)")
  }

  @Test("a healthy namespace has no finding")
  func healthy() async throws {
    let diagnosis = try await NetworkNamespace.run(pool: nil) { _ in
      let listener = try TestSocket.listener(SocketAddress("127.0.0.1", 8080))
      let clients = try TestSocket.clients(20, to: SocketAddress("127.0.0.1", 8080))
      let diagnosis = Doctor(HostFiles(), view: .thread, watch: .zero).diagnosis()
      withExtendedLifetime((listener, clients)) {}
      return diagnosis
    }
    #expect(diagnosis.findings == [] && diagnosis.exitStatus == 0, "\(diagnosis)")
  }
}
