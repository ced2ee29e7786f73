import Exposition
import Foundation
import Kernel
import Metrics
import PortModel
import Scraper
import TestSupport
import Testing

/// Who holds pool ports, by real control groups.
@Suite(.serialized, .networkNamespaces, .controlGroups)
struct OwnerTests {
  /// What makes `count` connections from inside a group, and then waits.
  private static func connector(_ group: String, _ count: Int) -> [String] {
    [
      "-c",
      "echo 0 > \(group)/cgroup.procs || exit 1; for i in $(seq \(count)); do exec {fd}<>/dev/tcp/127.0.0.1/8080; done; "
        + "echo ready; exec sleep 600",
    ]
  }

  @Test("pool ports are counted by the unit that holds them; TIME_WAIT has no owner")
  func owners() async throws {
    let web = try TestControlGroup("portpool-test-\(getpid()).slice/web.service")
    let shop = try TestControlGroup("portpool-test-\(getpid()).slice/docker-\(String(repeating: "4f1a2b3c", count: 8)).scope")
    try await NetworkNamespace.run(pool: 40000...40099) { namespace in
      let label = try HeldNamespace.label(of: namespace.path)
      let listener = try TestSocket.listener(HeldNamespace.destination)
      let scraper = PoolScraper(only: [label], walkShare: 0)
      let first = try ChildProgram("/bin/bash", Self.connector(web.path, 7))
      try first.waitUntilItSays("ready")
      #expect(scraper.owners(label) == ["web.service 7", "other 0", "none 0"])

      // A group that is new since the tree was walked.
      let second = try ChildProgram("/bin/bash", Self.connector(shop.path, 12))
      try second.waitUntilItSays("ready")
      #expect(scraper.owners(label) == ["docker/4f1a2b3c4f1a 12", "web.service 7", "other 0", "none 0"])

      // Clients that close first leave TIME_WAIT behind.
      let clients = try TestSocket.clients(5, to: HeldNamespace.destination)
      for client in clients { client.finishSending() }
      let accepted = listener.acceptAll()
      for client in clients + accepted { client.close() }
      #expect(scraper.owners(label) == ["docker/4f1a2b3c4f1a 12", "web.service 7", "other 0", "none 5"])

      let narrow = PoolScraper(only: [label], walkShare: 0, topOwners: 1)
      #expect(narrow.owners(label) == ["docker/4f1a2b3c4f1a 12", "other 7", "none 5"])
      let lines = PoolMetrics().lines(of: narrow.snapshot([.namespaces, .owners]))
      #expect(lines.contains("portpool_owner_used_ports{netns=\"\(label)\",owner=\"docker/4f1a2b3c4f1a\"} 12"))

      // The group goes, and its sockets stay with a process that is elsewhere now.
      try web.removeMoving(first.pid)
      #expect(PoolScraper(only: [label], walkShare: 0).owners(label)?.contains("unknown 7") == true)
    }
  }

  @Test("UDP ports have owners too")
  func udp() async throws {
    try await NetworkNamespace.run(pool: 40000...40099) { namespace in
      let label = try HeldNamespace.label(of: namespace.path)
      let holder = try ChildProgram("/bin/sleep", ["600"])
      let sockets = try TestSocket.clients(4, .udp, to: SocketAddress("127.0.0.1", 53)) + [.bound(to: SocketAddress("127.0.0.1"))]
      let owners = try #require(PoolScraper(only: [label], walkShare: 0).owners(label))
      #expect(owners.count == 3 && owners[0].hasSuffix(" 5"))
      withExtendedLifetime((holder, sockets)) {}
    }
  }

  @Test("on a host whose controllers are in version 1, groups are found in the hierarchy of version 2 beside them")
  func bothVersions() throws {
    let group = try TestControlGroup("portpool-test-\(getpid()).slice/both.service")
    let directory = FileManager.default.temporaryDirectory.appending(path: "portpool-cgroup-\(UUID())")
    defer { try? FileManager.default.removeItem(at: directory) }
    try FileManager.default.createDirectory(at: directory.appending(path: "memory"), withIntermediateDirectories: true)
    let path = directory.path(percentEncoded: false)
    #expect(ControlGroupTree.mountPoint(below: path) == nil)
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/unified", withDestinationPath: try #require(TestControlGroup.mountPoint))
    let mountPoint = try #require(ControlGroupTree.mountPoint(below: path))
    #expect(mountPoint == "\(path)/unified")
    #expect(try ControlGroupTree.paths(below: mountPoint).values.contains { $0.hasSuffix("/both.service") })
    withExtendedLifetime(group) {}
  }

  @Test("a copied tree has no owners, and says why")
  func copy() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "portpool-proc-\(UUID())")
    defer { try? FileManager.default.removeItem(at: directory) }
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(root: directory.path(percentEncoded: false))))
    let outcome = scraper.snapshot([.owners]).outcomes.first { $0.collector == .owners }
    #expect(outcome?.problem?.contains("is a copy") == true)
  }
}

extension PoolScraper {
  convenience init(only labels: [String], walkShare: Double, topOwners: Int) {
    self.init(
      ScraperConfiguration(
        namespaces: NamespaceOptions(include: labels.map(GlobPattern.init), walkShare: walkShare), topOwners: topOwners))
  }

  /// The owners of a namespace, as `NAME PORTS`.
  func owners(_ label: String) -> [String]? {
    snapshot([.namespaces, .owners]).namespace(label)?.owners?.map { "\($0.owner) \($0.usedPorts)" }
  }
}
