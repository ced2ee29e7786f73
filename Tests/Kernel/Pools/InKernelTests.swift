import Foundation
import Glibc
import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// What only the bind buckets tell: which ports the kernel refuses to connect(), to the port. Every other scenario asks this source too.
@Suite("counting in the kernel", .networkNamespaces, .countedInKernel, .serialized)
struct InKernelTests {
  static let scenarios: [Scenario] = [
    Scenario("clients that bind first, to the wildcard", .connect(from: "127.0.0.1", to: a), 75, proc: 100, netlink: 100) {
      [try .listener(a), try .listener(b)] + (try TestSocket.clients(25, to: b, source: .bindFirst("0.0.0.0")))
    },
    Scenario("IPv6 clients that bind first are in the way of IPv4", .connect(from: "127.0.0.1", to: a), 80, proc: 100, netlink: 100) {
      let destination = SocketAddress("::1", 8080)
      return [try .listener(a), try .listener(destination)] + (try TestSocket.clients(20, to: destination, source: .bindFirst("::1")))
    },
    Scenario(
      "IPv4 clients that bind first are in the way of IPv6", .connect(from: "::1", to: SocketAddress("::1", 8080)), 80, proc: 100,
      netlink: 100
    ) {
      let destination = SocketAddress("::1", 8080)
      return [try .listener(a), try .listener(destination)] + (try TestSocket.clients(20, to: a, source: .bindFirst("127.0.0.1")))
    },
    Scenario(
      "the TIME_WAIT of clients that bound first", sysctls: ["tcp_tw_reuse": "2"], .connect(from: "127.0.0.1", to: a), 70, proc: 100,
      netlink: 100
    ) {
      [try .listener(a), try TestSocket.clientTimeWait(30, to: b, source: .bindFirst("127.0.0.1"), age: 1.5)]
    },
    Scenario("accepted connections whose listeners are gone", .connect(from: "127.0.0.1", to: a), 90, proc: 100, netlink: 100) {
      var held = [try TestSocket.listener(a)]
      for port in 40010..<40020 as Range<UInt16> {
        let made = try TestSocket.established(1, to: SocketAddress("127.0.0.1", port), source: .addressOnly("127.0.0.77"))
        made.listener.close()
        held += made.clients + made.servers
      }
      return held
    },
    Scenario("clients that bind first, seen by bind()", .bind("127.0.0.1"), 70) {
      [try .listener(a)] + (try TestSocket.clients(30, to: a, source: .bindFirst("127.0.0.1")))
    },
  ]

  @Test("what is predicted is what the kernel gives, where no other source can tell", arguments: scenarios)
  func predicted(scenario: Scenario) async throws {
    try await scenario.run()
  }

  @Test("a port that one program bound and others share: what is predicted is what the kernel gives, which kernels do differently")
  func sharedPorts() async throws {
    for leaves in [false, true] {
      let (predicted, observed) = try await NetworkNamespace.run { _ in
        var held = [try TestSocket.listener(a), try .listener(b)]
        held += try TestSocket.clients(20, to: b)
        let binders = (40000..<40040 as Range<UInt16>).filter { $0 % 2 == 0 }.prefix(12).compactMap { port in
          try? TestSocket.bound(to: SocketAddress("127.0.0.9", port))
        }
        if leaves {
          binders.forEach { $0.close() }
          TestSocket.pause(0.05)
        }
        defer { withExtendedLifetime((held, binders)) {} }
        let question = Question.connect(from: "127.0.0.1", to: a)
        return (question.predicted(Scenario.snapshot(.bpf).namespaces[0]), question.observed())
      }
      #expect(predicted == observed.count)
      #expect(leaves || observed.count == 88)
    }
  }

  @Test("each of 300 local addresses has its own headroom of bind()")
  func manyAddresses() async throws {
    let (predicted, observed, isComplete) = try await NetworkNamespace.run { _ in
      let sockets = try (0..<300).map { number in
        try TestSocket.bound(to: SocketAddress("127.0.\(1 + number / 200).\(1 + number % 200)", 40000 + UInt16(number % 100)))
      }
      defer { withExtendedLifetime(sockets) {} }
      let question = Question.bind("127.0.2.100")
      let namespace = Scenario.snapshot(.bpf).namespaces[0]
      return (question.predicted(namespace), question.observed().count, namespace.tcp?.pressure?.bind.isComplete)
    }
    #expect(predicted == 99 && observed == 99 && isComplete == true)
  }

  @Test("it says where the count is from, that it is exact, and which ports programs bound before they connected")
  func says() async throws {
    let snapshot = try await NetworkNamespace.run { _ in
      var sockets = [try TestSocket.listener(a), try .listener(b), try .listener(SocketAddress("127.0.0.1", 40050))]
      // Before the kernel gives one of these ports to another.
      sockets.append(try .bound(to: SocketAddress("127.0.0.9", 40030)))
      sockets += try [40020, 40021].map { try TestSocket.client(to: b, source: .fixed("127.0.0.1", $0)) }
      sockets += try TestSocket.clients(7, to: b, source: .bindFirst("127.0.0.1"))
      sockets += try TestSocket.clients(5, to: a)
      defer { withExtendedLifetime(sockets) {} }
      return Scenario.snapshot(.bpf)
    }
    #expect(snapshot.source == .bpf && snapshot.remarks.isEmpty && snapshot.problems.isEmpty)
    let pressure = try #require(snapshot.namespaces[0].tcp?.pressure)
    #expect(pressure.exactness == .exact && pressure.bindFirst == 7 && pressure.blocked == 11)
    #expect(pressure.listeners == [40050])
    #expect(pressure.usage[.listener] == 1 && pressure.usage[.bound] == 3 && pressure.usage[.local] == 12)
  }

  @Test("a quiet namespace with every kind of socket looks as inet_diag shows it", .boundSocketsListed)
  func agrees() async throws {
    let sysctls: KeyValuePairs = ["ipv4/ip_local_reserved_ports": "40500-40509,50000", "ipv4/tcp_tw_reuse": "0"]
    let (netlink, bpf) = try await NetworkNamespace.run(pool: 40000...40999, sysctls: sysctls) { _ in
      let (database, databaseIPv6) = (SocketAddress("127.0.0.1", 8080), SocketAddress("::1", 8080))
      let inside = SocketAddress("127.0.0.1", 40100)
      var held = [
        try TestSocket.listener(database), try .listener(inside), try .listener(databaseIPv6),
        try .listener(SocketAddress("::1", 40200)), try .listener(SocketAddress("::", 40300), isIPv6Only: false),
        try .bound(to: SocketAddress("127.0.0.9", 40400)), try .bound(to: SocketAddress("::1", 40401)),
        try .bound(to: SocketAddress("127.0.0.9", 30000)),
      ]
      // Before the kernel gives its port to another.
      held.append(try .client(to: database, source: .fixed("127.0.0.1", 40700)))
      held += try TestSocket.clients(20, to: database)
      held += try TestSocket.clients(10, to: databaseIPv6)
      held += try TestSocket.clients(3, to: inside, source: .addressOnly("127.0.0.3"))
      held += try TestSocket.clients(5, to: SocketAddress("::ffff:127.0.0.1", 8080))
      held += try Self.udpSockets()
      let closing = [
        try TestSocket.clientTimeWait(15, to: SocketAddress("127.0.0.2", 8081)),
        try TestSocket.halfClosed(4, to: SocketAddress("127.0.0.3", 8082)),
        try TestSocket.synSent(2, to: SocketAddress("127.0.0.4", 8083)),
      ]
      defer { withExtendedLifetime((held, closing)) {} }
      let ranges = [
        NamedRange(name: "a", ports: try #require(PortRange(first: 8000, last: 40500))),
        NamedRange(name: "b", ports: try #require(PortRange(first: 40000, last: 40000))),
      ]
      func snapshot(_ source: Scraper.SourceChoice) -> PoolSnapshot {
        PoolScraper(ScraperConfiguration(proc: ProcFileSystem(view: .thread), source: source, namedRanges: ranges)).snapshot([.tcp, .udp])
      }
      return (snapshot(.netlink).namespaces[0], snapshot(.bpf).namespaces[0])
    }
    let left = try #require(netlink.tcp?.pressure)
    let right = try #require(bpf.tcp?.pressure)
    #expect(netlink.tcp?.sockets == bpf.tcp?.sockets)
    #expect(left.usage == right.usage)
    #expect(left.blocked == right.blocked)
    #expect(left.bind == right.bind)
    #expect(left.listeners == right.listeners)
    #expect(left.connect.tupleCounts == right.connect.tupleCounts)
    #expect(left.connect.capacity == right.connect.capacity)
    #expect(left.connect.firstParityCapacity == right.connect.firstParityCapacity)
    let (one, other) = (left.connect.tuples, right.connect.tuples)
    #expect(one.map(\.tuple) == other.map(\.tuple))
    #expect(one.map(\.used) == other.map(\.used))
    #expect(one.map(\.headroom) == other.map(\.headroom))
    #expect(one.map(\.firstParityFree) == other.map(\.firstParityFree))
    // A timer may fall into the next bucket between the two.
    #expect(one.map { $0.returning(within: 60) } == other.map { $0.returning(within: 60) })
    #expect(bpf.outcomes.first { $0.collector == .udp }?.source == KernelUnderTest.udpSource)
    #expect(netlink.udp?.sockets.total == Self.udpSocketCount && netlink.udp == bpf.udp)
  }

  private static let SO_BINDTOIFINDEX: Int32 = 62

  /// UDP sockets of every kind, whose ports are all different.
  static func udpSockets() throws -> [TestSocket] {
    let addresses = [
      SocketAddress("0.0.0.0", 40801), SocketAddress("127.0.0.1", 40802), SocketAddress("::1", 40803),
      SocketAddress("::ffff:127.0.0.1", 40804), SocketAddress("0.0.0.0", 53), SocketAddress("127.0.0.1", 40500),
    ]
    var held = try addresses.map { try TestSocket.bound(.udp, to: $0) }
    held.append(try .bound(.udp, to: SocketAddress("::", 40805), isIPv6Only: false))
    held.append(try .bound(.udp, to: SocketAddress("::", 40806), isIPv6Only: true))
    for host in ["0.0.0.0", "127.0.0.9", "::1"] { held.append(try .bound(.udp, to: SocketAddress(host))) }
    for host in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] { held += try TestSocket.clients(5, .udp, to: SocketAddress(host, 9000)) }
    return held
  }

  static var udpSocketCount: Int { 6 + 2 + 3 + 15 }

  @Test("while UDP sockets come and go, 300 counts never miss one of those that stay, and all are made in the kernel", .udpTablesShown)
  func udpChurn() async throws {
    let (headrooms, sources, passing) = try await NetworkNamespace.run(pool: 40000...40999) { _ in
      let staying = try TestSocket.clients(500, .udp, to: SocketAddress("127.0.0.1", 9000))
      // Disconnected and connected again, which takes a socket from one list to another, and closed.
      let churn = try Repetition {
        let sockets = try TestSocket.clients(100, .udp, to: SocketAddress("127.0.0.2", 9000))
        for socket in sockets {
          try socket.disconnect()
          try socket.connect(SocketAddress("127.0.0.2", 9000))
        }
        sockets.forEach { $0.close() }
      }
      let scraper = Scenario.scraper(.bpf)
      let end = ContinuousClock.now + .seconds(20)
      var (headrooms, sources): ([Int], Set<SourceName>) = ([], [])
      while headrooms.count < 300, headrooms.count < 3 || ContinuousClock.now < end {
        let snapshot = scraper.snapshot([.udp])
        if let source = snapshot.outcomes.first(where: { $0.collector == .udp })?.source { sources.insert(source) }
        headrooms.append(snapshot.namespaces[0].udp?.pressure?.headroom ?? -1)
      }
      let passing = try churn.end() * 100
      withExtendedLifetime(staying) {}
      return (headrooms, sources, passing)
    }
    // One that moves during a count may be counted with both of its ports.
    #expect(headrooms.allSatisfy { (0...500).contains($0) }, "\(headrooms.filter { !(300...500).contains($0) })")
    #expect(sources == [.bpf] && passing > headrooms.count)
    let (least, most) = (headrooms.min() ?? 0, headrooms.max() ?? 0)
    print("\(headrooms.count) counts while \(passing) UDP sockets came and went: \(least) to \(most) ports were left")
  }

  @Test("UDP sockets in a table of the namespace's own, with many in a list", .udpTablesShown)
  func ownUDPTable() async throws {
    let (netlink, bpf, size) = try await NetworkNamespace.run { namespace in
      // It is the parent's to say, before there is a child.
      try namespace.set("ipv4/udp_child_hash_entries", "128")
      let namespace = try namespace.another()
      try namespace.set("ipv4/ip_local_port_range", "40000 41999")
      let held = try Self.udpSockets() + TestSocket.clients(1500, .udp, to: SocketAddress("127.0.0.1", 9000))
      defer { withExtendedLifetime(held) {} }
      let size = try String(contentsOfFile: "/proc/sys/net/ipv4/udp_hash_entries", encoding: .utf8)
      return (Scenario.snapshot(.netlink, [.udp]), Scenario.snapshot(.bpf, [.udp]), size)
    }
    #expect(size == "128\n")
    #expect(bpf.outcomes.first { $0.collector == .udp }?.source == .bpf && bpf.remarks == [])
    #expect(bpf.namespaces[0].udp?.sockets.total == Self.udpSocketCount + 1500)
    #expect(netlink.namespaces[0].udp == bpf.namespaces[0].udp)
  }

  @Test(
    "a list of UDP sockets that is too long is read over netlink, and TCP is counted all the same", .udpTablesShown,
    arguments: [4096, 4200])
  func longUDPList(count: Int) async throws {
    let snapshot = try await NetworkNamespace.run { _ in
      let sockets = try (0..<count).map { _ in
        let socket = try TestSocket(.udp)
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        try socket.bind(SocketAddress("0.0.0.0", 40050))
        return socket
      }
      defer { withExtendedLifetime(sockets) {} }
      return Scenario.snapshot(.bpf, [.tcp, .udp])
    }
    let fits = count <= 4096
    let outcome = snapshot.outcomes.first { $0.collector == .udp }
    #expect(snapshot.namespaces[0].udp?.sockets.total == count && snapshot.namespaces[0].udp?.pressure?.headroom == 99)
    #expect(outcome?.source == (fits ? .bpf : .netlink) && outcome?.remark?.contains("too long") == (fits ? nil : true))
    #expect(snapshot.source == .bpf && snapshot.problems == [])
  }

  @Test("UDP sockets on a device take a port from senders on none, and those of another namespace do not")
  func udpOnDevice() async throws {
    let question = Question.send(to: SocketAddress("127.0.0.1", 9999))
    let (predicted, observed) = try await NetworkNamespace.run { _ in
      let onDevice = try (0..<20).map { _ in
        let socket = try TestSocket(.udp)
        try socket.set(SOL_SOCKET, Self.SO_BINDTOIFINDEX, 1)
        try socket.connect(SocketAddress("127.0.0.1", 9000))
        return socket
      }
      defer { withExtendedLifetime(onDevice) {} }
      return (question.predicted(Scenario.snapshot(.bpf, [.udp]).namespaces[0]), question.observed())
    }
    #expect(predicted == 80 && observed.count == 80)
  }

  @Test("beside thousands of connections a second, 300 counts are never below the sockets that stay", .timeLimit(.minutes(2)))
  func churn() async throws {
    // Each TIME_WAIT holds a port of the pool for a minute; the kernel keeps no more of them than this.
    let sysctls: KeyValuePairs = ["ipv4/tcp_max_tw_buckets": "500"]
    let (counts, misfits, passing) = try await NetworkNamespace.run(pool: 32768...60999, sysctls: sysctls) { _ in
      var staying = [try TestSocket.listener(a)]
      staying += try TestSocket.clients(1000, to: a)
      let server = try TestSocket.listener(b)
      let churn = try Repetition {
        // Most are reset, and of some a TIME_WAIT is left.
        let clients = try TestSocket.clients(16, to: b)
        for (number, client) in clients.enumerated() {
          if number > 0 { try client.resetOnClose() }
          client.close()
        }
        server.acceptAll().forEach { $0.close() }
      }
      let scraper = Scenario.scraper(.bpf)
      // An emulated kernel does not come to 300 in this time.
      let end = ContinuousClock.now + .seconds(20)
      var (counts, misfits): ([Int], Int) = ([], 0)
      while counts.count < 300, counts.count < 3 || ContinuousClock.now < end {
        let snapshot = scraper.snapshot([.tcp])
        if snapshot.source != .bpf { misfits += 1 }
        counts.append(snapshot.namespaces[0].tcp?.pressure?.connect.tuples.first { $0.tuple.destination == IPAddress(a.host) }?.used ?? 0)
      }
      let passing = try churn.end() * 16
      withExtendedLifetime(staying) {}
      return (counts, misfits, passing)
    }
    #expect(counts.allSatisfy { $0 == 1000 } && misfits == 0)
    #expect(passing > counts.count)
    print("\(counts.count) counts beside \(passing) connections")
  }
}
