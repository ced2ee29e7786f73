import Foundation
import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// Other namespaces, counted inside the kernel: all in one walk, and none of them entered for it.
@Suite(.serialized, .networkNamespaces, .allCountedInKernel)
struct InKernelNamespaceTests {
  /// What inet_diag and the kernel's own count say of namespaces.
  private func both(
    _ labels: [String], _ chosen: Set<CollectorName> = [.settings, .namespaces]
  ) -> (netlink: PoolSnapshot, bpf: PoolSnapshot) {
    func snapshot(_ source: Scraper.SourceChoice) -> PoolSnapshot {
      PoolScraper(only: labels, maximum: 1000, walkShare: 0, source: source).snapshot(chosen)
    }
    return (snapshot(.netlink), snapshot(.bpf))
  }

  private func expectAgreement(_ left: NamespaceSnapshot, _ right: NamespaceSnapshot) throws {
    #expect(right.outcomes.first { $0.collector == .tcp }?.source == .bpf)
    #expect(left.settings == right.settings)
    #expect(left.udp == right.udp && right.udp != nil)
    #expect(right.outcomes.first { $0.collector == .udp }?.source == KernelUnderTest.udpSource)
    #expect(left.visit?.totals.tcp == right.visit?.totals.tcp && right.visit?.isWalked == true)
    let (one, other) = (try #require(left.tcp?.pressure), try #require(right.tcp?.pressure))
    #expect(one.connect.tupleCounts == other.connect.tupleCounts)
    #expect(one.connect.tuples.map(\.tuple) == other.connect.tuples.map(\.tuple))
    #expect(one.connect.tuples.map(\.used) == other.connect.tuples.map(\.used))
    #expect(one.listeners == other.listeners)
    // Sockets that are bound and nothing more are not listed before Linux 6.8.
    guard left.tcp?.seesBoundOnly == true else { return }
    #expect(left.tcp?.sockets == right.tcp?.sockets)
    for use in PortUse.allCases { #expect(one.usage[use] == other.usage[use], "\(use)") }
    let isSameMap = one.usage.map == other.usage.map
    #expect(isSameMap)
    #expect(one.blocked == other.blocked)
    #expect(one.bind == other.bind)
    #expect(one.connect.tuples.map(\.headroom) == other.connect.tuples.map(\.headroom))
  }

  @Test(
    "namespaces with ranges of their own look as inet_diag shows them, with the exporter's own in the same walk or not",
    arguments: [false, true])
  func agrees(withOwn: Bool) async throws {
    let full = try await HeldNamespace.make(pool: 40000...40099, clients: 100)
    let reserved = try await HeldNamespace.make(
      pool: 30000...30199, clients: 150,
      sysctls: [
        "ipv4/ip_local_reserved_ports": "30000-30019,30100,60000", "ipv4/tcp_tw_reuse": "1", "ipv4/tcp_timestamps": "0",
        "ipv6/bindv6only": "1",
      ])
    let wide = try await HeldNamespace.make(pool: 1024...65535, clients: 300)
    let labels = [full, reserved, wide].map(\.label)
    let (netlink, bpf) = both(labels, withOwn ? [.settings, .tcp, .udp, .namespaces] : [.settings, .namespaces])
    #expect(bpf.problems == [] && bpf.outcomes.first { $0.collector == .namespaces }?.remark == nil)
    #expect(bpf.census?.walked == 3)
    for held in [full, reserved, wide] {
      let seen = try #require(bpf.namespace(held.label))
      try expectAgreement(try #require(netlink.namespace(held.label)), seen)
      #expect(seen.tcp?.pressure?.exactness == .exact)
    }
    #expect(bpf.namespace(full.label)?.worst?.headroom == 0 && bpf.namespace(reserved.label)?.worst?.headroom == reserved.connectsLeft)
    if withOwn { #expect(bpf.source == .bpf) }
  }

  @Test("which connections stay within a namespace, and all kinds of sockets in it")
  func kinds() async throws {
    let (netlink, bpf) = try await NetworkNamespace.run(pool: 40000...40999, sysctls: ["ipv4/tcp_tw_reuse": "0"]) { namespace in
      try namespace.ip("address", "add", "192.0.2.5/32", "dev", "lo")
      try namespace.ip("address", "add", "198.51.100.1/24", "dev", "lo")
      try namespace.ip("address", "add", "2001:db8::5/128", "dev", "lo", "nodad")
      let holder = try ChildProgram("/bin/sleep", ["600"])
      let loopback = SocketAddress("127.0.0.1", 8080)
      let own = ["192.0.2.5", "198.51.100.77", "2001:db8::5"].map { SocketAddress($0, 9000) }
      var held = try [loopback, SocketAddress("127.0.0.1", 40500), SocketAddress("::1", 40501)].map { try TestSocket.listener($0) }
      held += [try .bound(to: SocketAddress("127.0.0.9", 40400)), try .bound(to: SocketAddress("127.0.0.9", 30000))]
      held += try own.map { try TestSocket.listener($0) }
      held += try TestSocket.clients(20, to: loopback)
      for (number, address) in own.enumerated() { held += try TestSocket.clients(5 + number, to: address) }
      // The fixed ports first: the kernel could give one of them to a socket that lets it choose.
      for (number, host) in ["0.0.0.0", "127.0.0.9", "::1", "192.0.2.5"].enumerated() {
        held.append(try .bound(.udp, to: SocketAddress(host, UInt16(40801 + number))))
      }
      held.append(try .bound(.udp, to: SocketAddress("::", 40806), isIPv6Only: true))
      held.append(try .bound(.udp, to: SocketAddress("0.0.0.0", 53)))
      for address in own { held += try TestSocket.clients(3, .udp, to: address) }
      for host in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] { held += try TestSocket.clients(5, .udp, to: SocketAddress(host, 9000)) }
      let closing = [
        try TestSocket.clientTimeWait(15, to: SocketAddress("127.0.0.2", 8081)),
        try TestSocket.halfClosed(4, to: SocketAddress("127.0.0.3", 8082)),
      ]
      defer { withExtendedLifetime((held, closing, holder)) {} }
      let label = try HeldNamespace.label(of: namespace.path)
      let taken = both([label])
      return (taken.netlink.namespace(label), taken.bpf.namespace(label))
    }
    let seen = try #require(bpf)
    try expectAgreement(try #require(netlink), seen)
    // Connections to different destinations may share a port.
    #expect(seen.tcp?.pressure?.usage[.local] ?? 0 >= 20)
    #expect(seen.tcp?.pressure?.usage[.client] == 0)
    #expect(seen.udp?.sockets.total == 9 + 15 + 6 && seen.udp?.pressure?.usage[.local] == 24)
  }

  @Test("ports at the edges of pages, of the range, and of what is reserved")
  func edges() async throws {
    let (netlink, bpf) = try await NetworkNamespace.run(
      pool: 1025...65534, sysctls: ["ipv4/ip_local_reserved_ports": "1087-1088,2047,2048-2111,65535"]
    ) { namespace in
      let holder = try ChildProgram("/bin/sleep", ["600"])
      let ports: [UInt16] = [1, 63, 64, 1023, 1024, 1025, 1087, 1088, 1089, 1151, 1152, 2047, 2048, 2111, 2112, 65471, 65472, 65534, 65535]
      let held = try ports.map { try TestSocket.listener(SocketAddress("127.0.0.1", $0)) }
      defer { withExtendedLifetime((held, holder)) {} }
      let label = try HeldNamespace.label(of: namespace.path)
      let taken = both([label])
      return (taken.netlink.namespace(label), taken.bpf.namespace(label))
    }
    let seen = try #require(bpf)
    try expectAgreement(try #require(netlink), seen)
    #expect(seen.tcp?.pressure?.usage[.listener] == 8 && seen.tcp?.pressure?.usage[.reserved] == 2 + 1 + 64)
    #expect(seen.capacity == 65534 - 1025 + 1 - 67)
  }

  @Test("where more ports are in use than there are pages for, those with many are read as before, and one sentence says why")
  func pagesRunOut() async throws {
    // A port in each page of 33 namespaces, held by a program there, since this process may not open so many; there are pages for 30.
    let small = try await HeldNamespace.make(pool: 40000...40099, clients: 30)
    let ports = stride(from: UInt16(64), through: 65472, by: 64)
    var spaces: [(label: String, holder: ChildProgram)] = []
    for _ in 0..<33 {
      spaces.append(
        try await NetworkNamespace.run(pool: 40000...40099) { namespace in
          let listeners = try ports.map { try TestSocket.listener(SocketAddress("127.0.0.1", $0)) }
          return (try HeldNamespace.label(of: namespace.path), try ChildProgram("/bin/sleep", ["600"], holding: listeners))
        })
    }
    let labels = spaces.map(\.label) + [small.label]
    let snapshot = PoolScraper(only: labels, source: .bpf).snapshot([.settings, .tcp, .namespaces])
    #expect(snapshot.problems == [] && snapshot.census?.walked == 34)
    #expect(snapshot.source == .bpf)
    let few = try #require(snapshot.namespace(small.label))
    #expect(few.outcomes.contains { $0.source == .bpf } && few.worst?.headroom == small.connectsLeft)
    let sources = spaces.map { space in snapshot.namespace(space.label)?.outcomes.first { $0.collector == .tcp }?.source }
    #expect(sources.contains(.netlink) && !sources.contains(nil))
    for space in spaces { #expect(snapshot.namespace(space.label)?.tcp?.sockets.total == 1023) }
    let remark = snapshot.outcomes.first { $0.collector == .namespaces }?.remark
    #expect(remark?.components(separatedBy: "more ports are in use than there is memory for").count == 2)
    withExtendedLifetime(spaces) {}
  }

  @Test("a namespace with few sockets has headroom too, of UDP as well where the kernel shows its sockets")
  func calm() async throws {
    let held = try await HeldNamespace.make(pool: 40000...40999, clients: 30)
    let seen = try #require(PoolScraper(only: [held.label], walkShare: 0.5, source: .bpf).others().namespace(held.label))
    #expect(seen.visit?.isWalked == true && seen.worst?.headroom == 970)
    #expect(seen.udp?.pressure?.headroom == (KernelUnderTest.showsUDPTables ? 1000 : nil))
    let full = try #require(PoolScraper(only: [held.label], walkShare: 0.01, source: .bpf).others().namespace(held.label))
    #expect(full.worst?.headroom == 970 && full.udp?.pressure?.headroom == 1000)
    #expect(full.outcomes.compactMap(\.source) == [.bpf, KernelUnderTest.udpSource])
  }

  @Test("UDP sockets alone are counted too, in a shared table and in tables of a namespace's own", .udpTablesShown)
  func udp() async throws {
    var spaces: [(label: String, holder: ChildProgram, sockets: [TestSocket])] = []
    for (number, size) in [nil, 128, 4096].enumerated() {
      spaces.append(
        try await NetworkNamespace.run { namespace in
          var namespace = namespace
          if let size {
            try namespace.set("ipv4/udp_child_hash_entries", "\(size)")
            namespace = try namespace.another()
            try namespace.set("ipv4/ip_local_port_range", "40000 40099")
          }
          let sockets = try TestSocket.clients(20 + 10 * number, .udp, to: SocketAddress("127.0.0.1", 9000))
          return (try HeldNamespace.label(of: namespace.path), try ChildProgram("/bin/sleep", ["600"]), sockets)
        })
    }
    let (netlink, bpf) = both(spaces.map(\.label), [.settings, .udp, .namespaces])
    #expect(bpf.problems == [] && bpf.remarks == [] && bpf.census?.walked == 3)
    for (number, space) in spaces.enumerated() {
      let seen = try #require(bpf.namespace(space.label))
      #expect(seen.outcomes.compactMap(\.source) == [.bpf] && seen.tcp == nil)
      #expect(seen.udp?.pressure?.headroom == 80 - 10 * number)
      #expect(seen.udp == netlink.namespace(space.label)?.udp)
    }
    withExtendedLifetime(spaces) {}
  }

  @Test("clients that bind first are known for what they are in other namespaces too")
  func bindFirst() async throws {
    let seen = try await NetworkNamespace.run { namespace in
      let holder = try ChildProgram("/bin/sleep", ["600"])
      var held = [try TestSocket.listener(HeldNamespace.destination)]
      held += try TestSocket.clients(7, to: HeldNamespace.destination, source: .bindFirst("127.0.0.1"))
      defer { withExtendedLifetime((held, holder)) {} }
      let label = try HeldNamespace.label(of: namespace.path)
      return PoolScraper(only: [label], source: .bpf).others().namespace(label)
    }
    #expect(seen?.tcp?.pressure?.bindFirst == 7 && seen?.tcp?.pressure?.blocked == 7)
  }

  @Test("a namespace whose connections are in a table of its own", .tablesOfConnections)
  func ownTable() async throws {
    let shared = try await HeldNamespace.make(pool: 40000...40099, clients: 20)
    let own = try await HeldNamespace.make(pool: 50000...50099, clients: 30, tableSize: 1024)
    let other = try await HeldNamespace.make(pool: 50000...50099, clients: 40, tableSize: 64)
    #expect(own.tableSize == 1024 && other.tableSize == 64)
    #expect(shared.tableSize ?? 0 < 0, "which is how the kernel says that it is everybody's")
    let (netlink, bpf) = both([shared, own, other].map(\.label))
    #expect(bpf.problems == [])
    for held in [shared, own, other] {
      let seen = try #require(bpf.namespace(held.label))
      try expectAgreement(try #require(netlink.namespace(held.label)), seen)
      #expect(seen.worst?.headroom == held.connectsLeft)
    }
  }

  @Test("a hundred namespaces, each with its own count")
  func hundred() async throws {
    var held: [HeldNamespace] = []
    for number in 0..<100 { held.append(try await HeldNamespace.make(pool: 40000...40099, clients: number % 40 + 1)) }
    let scraper = PoolScraper(only: held.map(\.label), maximum: 100, walkShare: 1, source: .bpf)
    for _ in 0..<2 {
      let snapshot = scraper.others()
      #expect(snapshot.problems == [] && snapshot.census?.walked == 100)
      #expect(snapshot.outcomes.first { $0.collector == .namespaces }?.remark == nil)
      for (number, one) in held.enumerated() {
        let seen = try #require(snapshot.namespace(one.label))
        #expect(seen.outcomes.compactMap(\.source) == (KernelUnderTest.showsUDPTables ? [.bpf, .bpf] : [.bpf]))
        #expect(seen.worst?.used == number % 40 + 1 && seen.worst?.headroom == one.connectsLeft)
        #expect(seen.tcp?.sockets.total == 2 * (number % 40 + 1) + 1)
      }
    }
  }

  @Test("namespaces that come and go under load are no error, and what stays is counted whole")
  func vanishing() async throws {
    let steady = try await HeldNamespace.make(pool: 40000...40099, clients: 50)
    // What others have on this machine may be large, and numbers are given again: these have a name.
    let named = ["unshare", "--uts", "sh", "-c", "hostname portpool-passing && exec sleep 600"]
    let scraper = PoolScraper(
      ScraperConfiguration(
        source: .bpf, namespaces: NamespaceOptions(include: [steady.label, "portpool-passing"].map(GlobPattern.init), walkShare: 0.01)))
    let churn = Task {
      var made = 0
      while !Task.isCancelled {
        made += 1
        // Some with tables of their own, which go with them.
        let passing = try await HeldNamespace.make(pool: 40000...40099, clients: 40, holder: named, tableSize: made % 2 == 0 ? 256 : nil)
        try? await Task.sleep(for: .milliseconds(20))
        _ = try passing.holder.stop(signal: SIGKILL)
      }
      return made
    }
    var counted = 0
    for _ in 0..<40 {
      // With one processor there is one thread for both.
      try await Task.sleep(for: .milliseconds(5))
      let snapshot = scraper.others()
      #expect(!snapshot.problems.contains { !$0.contains("changed during") }, "\(snapshot.problems)")
      let seen = snapshot.namespace(steady.label)
      #expect(seen?.worst?.headroom == 50)
      if seen?.outcomes.contains(where: { $0.source == .bpf }) == true { counted += 1 }
    }
    churn.cancel()
    let made = try await churn.value
    #expect(made >= 2 && counted == 40)
  }

  @Test("without the right to enter it, a namespace has its settings and its headroom", .programsOfNobody)
  func unprivileged() async throws {
    let held = try await HeldNamespace.make(
      pool: 40000...40099, clients: 50, sysctls: ["ipv4/ip_local_reserved_ports": "40000-40009"],
      holder: HeldNamespace.asNobody + ["sleep", "600"])
    let label = held.label
    let snapshot = try await Unprivileged.run { PoolScraper(only: [label], walkShare: 1, source: .bpf).others() }
    let seen = try #require(snapshot.namespace(label))
    #expect(seen.capacity == 90 && seen.worst?.headroom == 40 && seen.tcp?.pressure?.exactness == .exact)
    #expect(!snapshot.remarks.contains { $0.contains("CAP_SYS_ADMIN") } && snapshot.problems == [])
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where no namespace can have a table of connections of its own.
  fileprivate static var tablesOfConnections: Self {
    .enabled(
      if: FileManager.default.fileExists(atPath: "/proc/sys/net/ipv4/tcp_child_ehash_entries"), "this kernel has no tcp_child_ehash_entries"
    )
  }

  /// Skips a test where programs may not count the sockets of all namespaces in the kernel.
  fileprivate static var allCountedInKernel: Self {
    .enabled("other namespaces are not counted inside this kernel") {
      let reason = SocketCounter.prepare(.all)
      if let reason { print("other namespaces are not counted in the kernel: \(reason)") }
      return reason == nil
    }
  }
}
