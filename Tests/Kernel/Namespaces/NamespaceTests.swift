import Exposition
import Foundation
import Kernel
import Metrics
import PortModel
import Scraper
import TestSupport
import Testing

/// Namespaces other than the exporter's own, made for each test.
@Suite(.serialized, .networkNamespaces)
struct NamespaceTests {
  @Test("three namespaces with ranges of their own, one exhausted: each has the headroom that the kernel allows")
  func threeRanges() async throws {
    let full = try await HeldNamespace.make(pool: 40000...40099, clients: 100)
    let some = try await HeldNamespace.make(pool: 50000...50049, clients: 10)
    let reserved = try await HeldNamespace.make(
      pool: 30000...30199, clients: 150, sysctls: ["ipv4/ip_local_reserved_ports": "30000-30019,30100"])
    #expect([full, some, reserved].map(\.connectsLeft) == [0, 40, 29])

    let snapshot = PoolScraper(only: [full, some, reserved].map(\.label)).others()
    #expect(snapshot.problems == [] && !snapshot.remarks.contains { $0.contains("CAP_SYS_ADMIN") })
    #expect(snapshot.census?.walked == 3 && snapshot.census?.found ?? 0 >= 3)
    for (held, first, capacity, used) in [(full, 40000, 100, 100), (some, 50000, 50, 10), (reserved, 30000, 179, 150)] {
      let seen = try #require(snapshot.namespace(held.label))
      #expect(seen.settings.map { Int($0.range.first) } == first)
      #expect(seen.capacity == capacity)
      #expect(seen.worst?.used == used)
      #expect(seen.worst?.headroom == held.connectsLeft)
      #expect(seen.visit?.isWalked == true)
      #expect(seen.visit?.totals.tcp == UInt64(2 * used + 1))
      #expect(seen.outcomes.contains { $0.source == .netlink })
    }
    let lines = PoolMetrics().lines(of: snapshot)
    #expect(lines.contains("portpool_worst_tuple_headroom_ports{netns=\"\(full.label)\",family=\"ipv4\"} 0"))
    #expect(lines.contains("portpool_worst_tuple_headroom_ports{netns=\"\(some.label)\",family=\"ipv4\"} 40"))
    #expect(lines.contains("portpool_namespaces{state=\"walked\"} 3"))
    let successes = lines.filter { $0.hasPrefix("portpool_scrape_collector_success") }
    #expect(successes.count == 2)
  }

  @Test("every source counts a namespace alike", arguments: [Scraper.SourceChoice.netlink, .proc])
  func sources(source: Scraper.SourceChoice) async throws {
    let held = try await HeldNamespace.make(pool: 40000...40099, clients: 30)
    let snapshot = PoolScraper(only: [held.label], source: source).others()
    let seen = try #require(snapshot.namespace(held.label))
    #expect(snapshot.problems == [])
    #expect(seen.worst?.headroom == 70 && seen.tcp?.sockets.total == 61)
    #expect(seen.outcomes.compactMap(\.source).first?.rawValue == source.rawValue)
  }

  @Test("a namespace with few sockets is counted and not walked, and has no headroom")
  func calm() async throws {
    let held = try await HeldNamespace.make(pool: 40000...40999, clients: 30)
    let scraper = PoolScraper(only: [held.label])
    let seen = try #require(scraper.others().namespace(held.label))
    #expect(seen.visit?.isWalked == false && seen.tcp == nil && seen.udp == nil)
    #expect(seen.capacity == 1000 && seen.visit?.totals.tcp == 61)
    let lines = PoolMetrics().lines(of: scraper.others())
    #expect(lines.contains("portpool_namespace_walked{netns=\"\(held.label)\"} 0"))
    #expect(lines.contains("portpool_namespace_sockets{netns=\"\(held.label)\",protocol=\"tcp\"} 61"))
    #expect(lines.contains("portpool_capacity_ports{netns=\"\(held.label)\",protocol=\"tcp\"} 1000"))
    let headrooms = lines.filter { $0.contains("headroom_ports{netns=\"\(held.label)\"") }
    #expect(headrooms.isEmpty)

    let eager = PoolScraper(only: [held.label], walkShare: 0)
    #expect(eager.others().namespace(held.label)?.worst?.headroom == 970)
  }

  @Test("bound sockets that sockstat does not count as TCP make a namespace worth a walk")
  func boundOnly() async throws {
    try await NetworkNamespace.run(pool: 40000...40099) { namespace in
      let label = try HeldNamespace.label(of: namespace.path)
      let holder = try ChildProgram("/bin/sleep", ["600"])
      let bound = try (0..<60).map { _ in try TestSocket.bound(to: SocketAddress("127.0.0.1")) }
      let seen = try #require(PoolScraper(only: [label]).others().namespace(label))
      #expect(seen.visit?.totals.tcp == 0 && seen.visit?.isWalked == true)
      #expect(seen.tcp?.pressure?.blocked == (seen.tcp?.seesBoundOnly == true ? bound.count : 0))
      withExtendedLifetime(holder) {}
    }
  }

  @Test("a range that changes shows at the next snapshot, and a long list of reserved ports is read whole")
  func changedSettings() async throws {
    try await NetworkNamespace.run(pool: 40000...40099) { namespace in
      let label = try HeldNamespace.label(of: namespace.path)
      let holder = try ChildProgram("/bin/sleep", ["600"])
      let scraper = PoolScraper(only: [label])
      #expect(scraper.others().namespace(label)?.settings?.range.description == "40000-40099")
      try namespace.set("ipv4/ip_local_port_range", "20000 29999")
      #expect(scraper.others().namespace(label)?.settings?.range.description == "20000-29999")
      // One write takes 4,095 bytes; later ones on the same descriptor add to it.
      let file = try FileHandle(forWritingTo: URL(filePath: "/proc/sys/net/ipv4/ip_local_reserved_ports"))
      for start in stride(from: 20001, to: 23001, by: 600) {
        let list = stride(from: start, to: start + 600, by: 2).map(String.init).joined(separator: ",") + "\n"
        try file.write(contentsOf: Data(list.utf8))
      }
      #expect(scraper.others().namespace(label)?.capacity == 10000 - 1500)
      withExtendedLifetime(holder) {}
    }
  }

  @Test("a look between scrapes knows the bound ports of its own namespace, not those of the namespace that was read last")
  func sampleAfterWalk() async throws {
    let other = try await HeldNamespace.make(pool: 8050...8149, clients: 1)
    let label = other.label
    let sample = try await NetworkNamespace.run(pool: 8050...8149) { _ in
      let server = SocketAddress("127.0.0.1", 9999)
      let listener = try TestSocket.listener(server)
      let clients = try TestSocket.clients(40, to: server)
      defer { withExtendedLifetime((listener, clients)) {} }
      let options = NamespaceOptions(include: [GlobPattern(label)], walkShare: 0)
      let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(view: .thread), namespaces: options))
      let snapshot = scraper.snapshot([.tcp, .namespaces])
      #expect(snapshot.namespace(label)?.tcp?.pressure?.blocked == 1, "the listener on 8080")
      return try scraper.sample()
    }
    #expect(sample == .walked(used: 40, capacity: 100))
  }

  @Test("connection tracking is read in namespaces that are too calm for a walk, by their own counters")
  func conntrack() async throws {
    let held = try await HeldNamespace.make(pool: 40000...40999, clients: 1)
    let snapshot = PoolScraper(only: [held.label]).snapshot([.conntrack, .namespaces])
    let seen = try #require(snapshot.namespace(held.label))
    #expect(seen.visit?.isWalked == false && snapshot.problems == [])
    // A kernel without connection tracking has none to read.
    #expect((seen[Conntrack.self] == nil) == (snapshot.own?[Conntrack.self] == nil))
    if let fill = seen[Conntrack.self]?.fill { #expect(fill.limit == snapshot.own?[Conntrack.self]?.fill?.limit) }
  }

  @Test("a namespace stays known when its first process ends and another is left")
  func firstProcessEnds() async throws {
    try await NetworkNamespace.run { namespace in
      let label = try HeldNamespace.label(of: namespace.path)
      let (first, second) = (try ChildProgram("/bin/sleep", ["600"]), try ChildProgram("/bin/sleep", ["600"]))
      let scraper = PoolScraper(only: [label])
      #expect(scraper.others().namespace(label)?.capacity == 100)
      _ = try first.stop()
      #expect(scraper.others().namespace(label)?.capacity == 100)
      _ = try second.stop()
      let last = scraper.others()
      #expect(last.namespace(label) == nil && last.problems == [])
    }
  }

  @Test("namespaces that come and go under load are no error")
  func vanishing() async throws {
    let steady = try await HeldNamespace.make(pool: 40000...40099, clients: 50)
    // What others have on this machine may be large, and is left out.
    let before = PoolScraper(ScraperConfiguration(namespaces: NamespaceOptions(maximum: 10_000, walkShare: 1))).others()
    let others = before.namespaces.map(\.name).filter { $0 != steady.label }
    let scraper = PoolScraper(
      ScraperConfiguration(namespaces: NamespaceOptions(exclude: others.map(GlobPattern.init), walkShare: 0)))
    let churn = Task {
      while !Task.isCancelled {
        try await NetworkNamespace.run { _ in
          let holder = try ChildProgram("/bin/sleep", ["600"])
          let listener = try TestSocket.listener(HeldNamespace.destination)
          let clients = try TestSocket.clients(40, to: HeldNamespace.destination)
          TestSocket.pause(0.01)
          withExtendedLifetime((listener, clients)) {}
          _ = try holder.stop(signal: SIGKILL)
        }
      }
    }
    var most = 0
    // A walk takes long where some other namespace has a million sockets.
    let end = ContinuousClock.now + .seconds(15)
    for round in 0..<40 where round < 3 || ContinuousClock.now < end {
      let snapshot = scraper.others()
      #expect(!snapshot.problems.contains { !$0.contains("changed during") }, "\(snapshot.problems)")
      #expect(snapshot.namespace(steady.label)?.worst?.headroom == 50)
      most = max(most, snapshot.census?.walked ?? 0)
    }
    churn.cancel()
    _ = await churn.result
    #expect(most >= 2)
  }

  @Test("beyond the maximum the namespaces with the fewest sockets are counted together")
  func maximum() async throws {
    let small = try await HeldNamespace.make(pool: 40000...40099, clients: 10)
    let large = try await HeldNamespace.make(pool: 40000...40099, clients: 60)
    let tiny = try await HeldNamespace.make(pool: 40000...40099, clients: 1)
    let snapshot = PoolScraper(only: [small, large, tiny].map(\.label), maximum: 1).others()
    #expect(snapshot.namespaces.map(\.name) == ["host", large.label])
    #expect(snapshot.census?.skipped == 2 && snapshot.census?.walked == 1)
    #expect(snapshot.census?.skippedSockets.tcp == 21 + 3)
  }

  @Test("once the deadline has passed no further namespace is looked at, and the error counts them")
  func late() async throws {
    let held = try await HeldNamespace.make(pool: 40000...40099, clients: 1)
    let scraper = PoolScraper(only: ["neither \(held.label) nor another"])
    let inTime = scraper.others()
    #expect(inTime.problems == [] && inTime.census?.excluded ?? 0 >= 1)
    let snapshot = scraper.snapshot([.settings, .namespaces], until: Deadline(.now - .seconds(1)))
    #expect(snapshot.problems.count == 1 && snapshot.problems[0].contains("namespaces: not read before the scrape's deadline"))
    #expect(snapshot.census?.excluded == 0)
  }

  @Test("what a pattern excludes is only counted")
  func excluded() async throws {
    let held = try await HeldNamespace.make(pool: 40000...40099, clients: 1)
    let options = NamespaceOptions(include: [GlobPattern(held.label)], exclude: [GlobPattern(held.label.prefix(4) + "*")])
    let snapshot = PoolScraper(ScraperConfiguration(namespaces: options)).others()
    #expect(snapshot.namespaces.map(\.name) == ["host"])
    #expect(snapshot.census?.excluded ?? 0 >= 1)
  }
}
