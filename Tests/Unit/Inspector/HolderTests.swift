import Foundation
import Inspector
import Kernel
import PortModel
import TestSupport
import Testing

@Suite("Who holds ports towards a destination, or of a range", .networkNamespaces, .serialized)
struct HolderTests {
  private static func report(_ question: HolderInspector.Question) throws -> HolderReport {
    try HolderInspector(HostFiles(), view: .thread).report(question, [.tcp, .udp])
  }

  /// A program that connects `count` times to port 8080 of this host, from the namespace it is started in.
  private static func client(_ count: Int) throws -> ChildProgram {
    let script = """
      import socket, time
      held = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(\(count))]
      print("ready", flush=True)
      time.sleep(900)
      """
    let program = try ChildProgram("python3", ["-c", script])
    try program.waitUntilItSays("ready")
    return program
  }

  @Test("programs are counted as they are, and what is left is what the kernel then allows")
  func destination() async throws {
    let (report, pids, made, after) = try await NetworkNamespace.run(pool: 41000...41099) { _ in
      let listener = try TestSocket.listener(SocketAddress("127.0.0.1", 8080))
      let programs = [try Self.client(30), try Self.client(12)]
      let report = try Self.report(.destination(.loopbackIPv4, 8080))
      var sockets: [TestSocket] = []
      while let socket = try? TestSocket.client(to: SocketAddress("127.0.0.1", 8080)) { sockets.append(socket) }
      let after = try Self.report(.destination(.loopbackIPv4, 8080))
      withExtendedLifetime((listener, programs)) {}
      return (report, programs.map(\.pid), sockets.count, after)
    }
    #expect(report.ports == 42 && report.sockets == 42)
    #expect(report.holders.map { $0.owner.processes.map(\.pid) } == pids.map { [$0] })
    #expect(report.holders.map(\.states) == [30, 12].map { [HolderReport.StateCount(.tcp, "established", $0)] })
    #expect(report.tuples.map(\.headroom) == [made] && made == 58)
    #expect(after.tuples.map(\.headroom) == [0] && after.ports == 100)
    #expect(after.holders.first?.owner.processes.map(\.pid) == [getpid()])
    #expect(report.verdict.hasPrefix("42 local ports are held towards 127.0.0.1:8080, the most by python3"))
  }

  @Test("a range counts what is bound, what listens and what is closed; the kernel's own range has a name")
  func range() async throws {
    let (ephemeral, named) = try await NetworkNamespace.run(pool: 41000...41099) { _ in
      let held = [
        try TestSocket.listener(SocketAddress("127.0.0.1", 41001)), try TestSocket.bound(to: SocketAddress("127.0.0.1", 41003)),
        try TestSocket.bound(.udp, to: SocketAddress("127.0.0.1", 41001)), try TestSocket.listener(SocketAddress("127.0.0.1", 8080)),
      ]
      let closed = try TestSocket.clientTimeWait(2, to: SocketAddress("127.0.0.1", 8081))
      let range = try #require(PortRange(first: 41000, last: 41002))
      let reports = (try Self.report(.ephemeral), try Self.report(.range(NamedRange(name: "low", ports: range))))
      withExtendedLifetime((held, closed)) {}
      return reports
    }
    #expect(ephemeral.subject == .range(NamedRange(name: "ephemeral", ports: try #require(PortRange(first: 41000, last: 41099)))))
    let own = try #require(ephemeral.holders.first { $0.owner.processes.map(\.pid) == [getpid()] })
    #expect(own.sockets == 3 && own.ports == 3)
    #expect(
      Set(own.states) == [
        HolderReport.StateCount(.tcp, "listen", 1), HolderReport.StateCount(.tcp, "bound", 1),
        HolderReport.StateCount(.udp, "unconnected", 1),
      ])
    let waiting = try #require(ephemeral.holders.first { $0.owner == .nobody(.timeWait) })
    #expect(waiting.states == [HolderReport.StateCount(.tcp, "time_wait", 2)] && waiting.ports == 2)
    #expect(ephemeral.ports == 5)
    #expect(named.holders.first { $0.owner.processes.map(\.pid) == [getpid()] }?.ports == 2)
  }
}
