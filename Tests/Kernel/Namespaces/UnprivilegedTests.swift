import Foundation
import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// The same without rights, as user 65534.
@Suite(.serialized, .networkNamespaces)
struct UnprivilegedTests {
  @Test("without rights another user's namespaces are missing, and one sentence says which right they take")
  func hidden() async throws {
    let held = try await HeldNamespace.make(pool: 40000...40099, clients: 50)
    let label = held.label
    let snapshot = try await Unprivileged.run { PoolScraper(only: [label]).others() }
    #expect(snapshot.namespaces.map(\.name) == ["host"])
    #expect(snapshot.problems == [])
    #expect(snapshot.remarks.contains { $0.contains("CAP_SYS_PTRACE") })
    #expect(snapshot.outcomes.first { $0.collector == .namespaces }?.isSuccess == true)
  }

  @Test("without rights one's own namespaces have counts and no headroom, and a sentence says why", .programsOfNobody)
  func visible() async throws {
    let held = try await HeldNamespace.make(pool: 40000...40099, clients: 50, holder: HeldNamespace.asNobody + ["sleep", "600"])
    let label = held.label
    let snapshot = try await Unprivileged.run { PoolScraper(only: [label], walkShare: 0).others() }
    let seen = try #require(snapshot.namespace(label))
    #expect(seen.settings == nil && seen.tcp?.pressure == nil && seen.udp?.pressure == nil)
    #expect(seen.tcp?.sockets.total == 101 && seen.visit?.totals.tcp == 101)
    #expect(snapshot.remarks.contains { $0.contains("CAP_SYS_ADMIN") })
    #expect(snapshot.problems == [])
  }

  @Test("a process that has ended since it was listed, or is in the exporter's own namespace, hides nothing")
  func ended() async throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "portpool-ended-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    func write(_ path: String, _ text: String) throws {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    for process in ["self", "1", "4711", "4712", "4713"] {
      let space = root.appending(path: "\(process)/ns")
      try FileManager.default.createDirectory(at: space, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: space.appending(path: "net").path(percentEncoded: false), withDestinationPath: "net:[4026531840]")
      // The link of a process that has ended, and of one that may not be traced, is refused alike.
      if process.hasPrefix("47") { try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: space.path) }
    }
    try write("self/net/dev", "")
    try FileManager.default.createDirectory(at: root.appending(path: "4711/net"), withIntermediateDirectories: true)
    try FileManager.default.linkItem(at: root.appending(path: "self/net/dev"), to: root.appending(path: "4711/net/dev"))
    let proc = ProcFileSystem(root: root.path(percentEncoded: false))
    func remarks() async throws -> [String] {
      try await Unprivileged.run { PoolScraper(ScraperConfiguration(proc: proc)).others().remarks }
    }
    #expect(try await !remarks().contains { $0.contains("CAP_SYS_PTRACE") })
    try write("4713/net/dev", "")
    #expect(try await remarks().contains { $0.contains("CAP_SYS_PTRACE") })
  }

  @Test("where processes do not even show, as with hidepid, the same sentence says so")
  func hiddenProcesses() throws {
    func remarks(_ processes: String...) throws -> [String] {
      let root = FileManager.default.temporaryDirectory.appending(path: "portpool-hidepid-\(UUID())")
      defer { try? FileManager.default.removeItem(at: root) }
      for process in ["self"] + processes {
        let space = root.appending(path: "\(process)/ns")
        try FileManager.default.createDirectory(at: space, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
          atPath: space.appending(path: "net").path(percentEncoded: false), withDestinationPath: "net:[4026531840]")
      }
      let proc = ProcFileSystem(root: root.path(percentEncoded: false))
      return PoolScraper(ScraperConfiguration(proc: proc)).others().remarks
    }
    #expect(try remarks("4711").contains { $0.contains("CAP_SYS_PTRACE") })
    #expect(try !remarks("1", "4711").contains { $0.contains("CAP_SYS_PTRACE") })
  }
}
