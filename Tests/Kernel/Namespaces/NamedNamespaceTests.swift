import Foundation
import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// Namespaces as `ip netns add` makes them.
@Suite(.serialized, .networkNamespaces)
struct NamedNamespaceTests {
  private let name = "portpool-test-\(getpid())"

  private func ip(_ arguments: String...) throws {
    let outcome = try ChildProgram.run("/usr/bin/env", ["ip"] + arguments)
    try #require(outcome.status == 0, "\(outcome)")
  }

  @Test("a name below /run/netns is the label, and no process has to be in there")
  func named() throws {
    try ip("netns", "add", name)
    var isThere = true
    defer { if isThere { try? ip("netns", "delete", name) } }
    try ip("netns", "exec", name, "sysctl", "-qw", "net.ipv4.ip_local_port_range=41000 41099")
    let scraper = PoolScraper(only: ["portpool-test-*"], walkShare: 0)
    let snapshot = scraper.others()
    let seen = try #require(snapshot.namespace(name))
    #expect(seen.capacity == 100 && seen.visit?.identity.name == name && seen.visit?.isWalked == true)
    #expect(seen.tcp?.pressure?.connect.capacity == 100)
    #expect(snapshot.problems == [] && !snapshot.remarks.contains { $0.contains("CAP_SYS_ADMIN") })

    try ip("netns", "delete", name)
    isThere = false
    let after = scraper.others()
    #expect(after.namespace(name) == nil && after.problems == [])
  }

  @Test("a name whose mount has gone is not a namespace")
  func stale() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "portpool-netns-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try Data().write(to: directory.appending(path: "stale"))
    let options = NamespaceOptions(include: [GlobPattern("stale")], directory: directory.path(percentEncoded: false))
    let snapshot = PoolScraper(ScraperConfiguration(namespaces: options)).others()
    #expect(snapshot.namespaces.count == 1 && snapshot.problems == [])
  }

  @Test("the host name inside is a namespace's name where it has no other")
  func hostName() async throws {
    let held = try await HeldNamespace.make(
      pool: 40000...40099, clients: 1, holder: ["unshare", "--uts", "sh", "-c", "hostname pod-7 && echo set && exec sleep 600"])
    try held.holder.waitUntilItSays("set")
    let seen = PoolScraper(only: [held.label]).others().namespace(held.label)
    #expect(seen?.visit?.identity.name == "pod-7")
  }
}
