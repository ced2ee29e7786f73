import Kernel
import PortModel
import Scraper
import Testing

@Suite("What cannot be read")
struct FailureTests {
  private func problems(_ snapshot: NamespaceSnapshot) -> [CollectorName: String] {
    var problems: [CollectorName: String] = [:]
    for outcome in snapshot.outcomes { problems[outcome.collector] = outcome.problem }
    return problems
  }

  private func tree() throws -> ProcTree {
    try ProcTree(tcp: SocketLine.connections(40000..<40010), udp: [.unconnected("0.0.0.0", 40000)])
  }

  @Test("a whole tree has no problems")
  func whole() throws {
    let snapshot = try tree().snapshot()
    #expect(problems(snapshot).isEmpty)
    #expect(snapshot.outcomes.map(\.collector) == [.settings, .tcp, .udp, .conntrack])
    #expect(snapshot.outcomes.map(\.source) == [nil, .proc, .proc, nil])
    #expect(snapshot.outcomes.allSatisfy { $0.duration >= 0 && $0.isSuccess })
  }

  @Test("without IPv6 there are no tcp6 and udp6, which is no problem")
  func noIPv6() throws {
    let tree = try tree()
    for file in ["net/tcp6", "net/udp6", "net/if_inet6"] { try tree.remove(file) }
    let snapshot = tree.snapshot()
    #expect(problems(snapshot).isEmpty)
    #expect(snapshot.tcp?.pressure?.connect.tuples.map(\.headroom) == [90])
  }

  @Test("a missing process file system is named, once for each collector")
  func noRoot() {
    let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(root: "/nonexistent/proc")))
    let snapshot = scraper.snapshot().namespaces[0]
    #expect(
      problems(snapshot) == [
        .settings: "/nonexistent/proc/sys/net/ipv4/ip_local_port_range: open: No such file or directory",
        .tcp: "/nonexistent/proc/net/tcp: open: No such file or directory",
        .udp: "/nonexistent/proc/net/udp: open: No such file or directory",
      ])
    #expect(snapshot.settings == nil)
    #expect(snapshot.tcp == nil)
    #expect(snapshot.udp == nil)
  }

  @Test(
    "an unreadable table fails its own collector and no other",
    arguments: [("tcp", .tcp), ("tcp6", .tcp), ("udp", .udp), ("udp6", .udp)] as [(String, CollectorName)])
  func unreadable(file: String, collector: CollectorName) throws {
    let tree = try tree()
    try tree.makeUnreadable("net/\(file)")
    let snapshot = tree.snapshot()
    #expect(problems(snapshot) == [collector: "\(tree.path)/net/\(file): read: Is a directory"])
    #expect((snapshot.tcp == nil) == (collector == .tcp))
    #expect((snapshot.udp == nil) == (collector == .udp))
  }

  @Test(
    "a broken line fails its own collector, with file, line and column",
    arguments: [("tcp", .tcp), ("tcp6", .tcp), ("udp", .udp), ("udp6", .udp)] as [(String, CollectorName)])
  func brokenLine(file: String, collector: CollectorName) throws {
    let tree = try tree()
    let address = file.hasSuffix("6") ? "00000000000000000000000000000000" : "00000000"
    try tree.write("net/\(file)", ProcTree.tcpHeader + "   0: \(address):1F9G \(address):0000 0A rest\n")
    let snapshot = tree.snapshot()
    let place = "\(tree.path)/net/\(file):2:\(8 + address.utf8.count)"
    #expect(problems(snapshot) == [collector: "\(place): local port: expected 4 hexadecimal digits, found \"1F9G\""])
    #expect((snapshot.tcp == nil) == (collector == .tcp))
    #expect((snapshot.udp == nil) == (collector == .udp))
  }

  @Test("an empty and a cut-off table are problems, not tables without sockets")
  func truncated() throws {
    let tree = try tree()
    try tree.write("net/tcp", "")
    let whole = ProcTree.table(ProcTree.udpHeader, [.unconnected("0.0.0.0", 40000), .unconnected("0.0.0.0", 40001)])
    try tree.write("net/udp", String(whole.dropLast(30)))
    let problems = problems(tree.snapshot())
    #expect(problems[.tcp] == "\(tree.path)/net/tcp:1:1: header: expected the table's header line, found end of file")
    #expect(problems[.udp]?.hasPrefix("\(tree.path)/net/udp:3:") == true)
  }

  @Test(
    "broken settings leave the counts and take the headroom",
    arguments: [
      ("ip_local_port_range", "60999 32768\n", "1:7: last port: expected a port not below the first (60999), found \"32768\""),
      ("ip_local_port_range", "32768\n", "1:6: last port: expected a port number, 0 to 65535, found end of line"),
      ("ip_local_reserved_ports", "8080,rubbish\n", "1:6: reserved port: expected a port number, 0 to 65535, found \"rubbish\""),
      ("tcp_tw_reuse", "on\n", "1:1: tcp_tw_reuse: expected a number, 0 to 255, found \"on\""),
      ("tcp_timestamps", "\n", "1:1: tcp_timestamps: expected a number, 0 to 255, found end of line"),
      ("tcp_tw_reuse_delay", "-1\n", "1:1: tcp_tw_reuse_delay: expected a number, 0 to 4294967295, found \"-1\""),
    ])
  func brokenSettings(file: String, text: String, problem: String) throws {
    let tree = try tree()
    try tree.write("sys/net/ipv4/\(file)", text)
    let snapshot = tree.snapshot()
    #expect(problems(snapshot) == [.settings: "\(tree.path)/sys/net/ipv4/\(file):\(problem)"])
    #expect(snapshot.settings == nil)
    #expect(snapshot.capacity == nil)
    #expect(snapshot.tcp?.sockets.total == 10)
    #expect(snapshot.udp?.sockets.total == 1)
    #expect(snapshot.tcp?.pressure == nil)
    #expect(snapshot.udp?.pressure == nil)
  }

  @Test("settings that an older kernel does not have are taken as it behaves, never as more headroom")
  func missingSettings() throws {
    let tree = try ProcTree(
      tcp: SocketLine.connections(40000..<40010, from: "127.0.0.1", to: "127.0.0.1", state: .timeWait, timeWaitRemaining: 1000))
    for file in ["ip_local_reserved_ports", "tcp_tw_reuse", "tcp_timestamps"] { try tree.remove("sys/net/ipv4/\(file)") }
    let snapshot = tree.snapshot()
    #expect(problems(snapshot).isEmpty)
    #expect(snapshot.settings?.timeWaitReuse == TimeWaitReuse(mode: .never, delay: 1000, hasTimestamps: false))
    #expect(snapshot.tcp?.pressure?.connect.tuples.map(\.headroom) == [90])
  }

  @Test("only the collectors that were asked for run, and only they are told of")
  func chosen() throws {
    let tree = try tree()
    let udp = tree.snapshot([.udp])
    #expect(udp.outcomes.map(\.collector) == [.udp])
    #expect(udp.tcp == nil)
    #expect(udp.udp?.pressure?.headroom == 99)
    #expect(tree.snapshot([.settings]).outcomes.map(\.collector) == [.settings])
    try tree.write("sys/net/ipv4/ip_local_port_range", "rubbish\n")
    #expect(tree.snapshot([.tcp]).outcomes.map(\.collector) == [.settings, .tcp], "why there is no headroom")
  }

  @Test("a deadline that has passed fails what is not read yet, with the file")
  func deadline() throws {
    let tree = try tree()
    let snapshot = tree.scraper().snapshot(until: Deadline(.now - .seconds(1))).namespaces[0]
    #expect(snapshot.settings != nil)
    #expect(problems(snapshot)[.tcp] == "\(tree.path)/net/tcp6: not read to its end before the scrape's deadline")
    #expect(problems(snapshot)[.udp] == "\(tree.path)/net/udp: not read to its end before the scrape's deadline")
    #expect(tree.scraper().snapshot(until: Deadline(.now + .seconds(60))).problems.isEmpty)
  }

  @Test("a failed collector does not spoil the next snapshot")
  func recovery() throws {
    let tree = try tree()
    let scraper = tree.scraper()
    try tree.write("net/tcp", ProcTree.table(ProcTree.tcpHeader, SocketLine.connections(40000..<40050)) + "rubbish\n")
    #expect(scraper.snapshot().namespaces[0].tcp == nil)
    try tree.write(tcp: SocketLine.connections(40000..<40010))
    #expect(scraper.snapshot().namespaces[0].tcp == tree.snapshot().tcp)
  }
}
