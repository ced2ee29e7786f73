import Foundation
import Inspector
import Kernel
import PortModel
import TestSupport
import Testing

@Suite("Owners of real sockets", .networkNamespaces, .serialized)
struct PortOwnerTests {
  private static func report(_ port: UInt16) throws -> PortReport {
    try PortInspector(HostFiles(), view: .thread).report(port, [.tcp, .udp])
  }

  @Test("a program that listens is named as ss names it")
  func listener() async throws {
    let (report, outcome, pid) = try await NetworkNamespace.run { _ in
      let script =
        "import socket,time; s=socket.socket(); s.bind(('127.0.0.1',8080)); s.listen(); print('ready',flush=True); time.sleep(900)"
      let program = try ChildProgram("python3", ["-c", script])
      try program.waitUntilItSays("ready")
      let listing = try ChildProgram.run("ss", ["-Htlnp", "sport = :8080"], seconds: 600)
      return (try Self.report(8080), listing, program.pid)
    }
    let socket = try #require(report.sockets.first)
    let process = try #require(socket.owner.processes.first)
    #expect(report.sockets.count == 1 && socket.owner.processes.count == 1)
    #expect(process.pid == pid)
    #expect(outcome.standardOutput.contains("((\"\(process.command)\",pid=\(process.pid),"), "\(outcome)")
    #expect(process.user == "root" && process.arguments.contains { $0.contains("s.listen()") })
    #expect(socket.isChosenByProgram == true)
    #expect(report.verdict == "\(process.command) (pid \(pid)) listens on TCP port 8080.")
  }

  @Test("both ends of a connection on this host are told apart and name each other")
  func bothEnds() async throws {
    let (server, client) = try await NetworkNamespace.run { _ in
      let made = try TestSocket.established(3, to: SocketAddress("127.0.0.1", 8080))
      let port = made.clients[0].localAddress?.port ?? 0
      let reports = (try Self.report(8080), try Self.report(port))
      withExtendedLifetime(made) {}
      return reports
    }
    #expect(server.sockets.map(\.direction) == [.listening, .inbound, .inbound, .inbound])
    #expect(server.sockets.dropFirst().allSatisfy { $0.isLocal && $0.peers.first?.pid == getpid() })
    let socket = try #require(client.sockets.first)
    #expect(client.sockets.count == 1 && socket.direction == .outgoing && socket.isLocal)
    #expect(socket.isChosenByProgram == false)
    #expect(socket.owner.processes.map(\.pid) == [getpid()])
    #expect(client.handout == .handedOut)
  }

  @Test("a socket that is bound and does nothing is seen, and so is a UDP receiver")
  func bound() async throws {
    let report = try await NetworkNamespace.run { _ in
      let sockets = [
        try TestSocket.bound(to: SocketAddress("127.0.0.1", 40007)), try TestSocket.bound(.udp, to: SocketAddress("127.0.0.1", 40007)),
      ]
      let report = try Self.report(40007)
      withExtendedLifetime(sockets) {}
      return report
    }
    #expect(report.sockets.map(\.direction) == [.bound, .receiving])
    #expect(report.sockets.allSatisfy { $0.owner.processes.map(\.pid) == [getpid()] && $0.isChosenByProgram == true })
    #expect(report.verdict.contains("has bound TCP port 40007 and neither listens nor connects"))
    #expect(report.advice.contains { $0.contains("sysctl -w net.ipv4.ip_local_reserved_ports=40007") })
  }

  @Test("TIME_WAIT has no owner and tells how long it lasts; a queued connection waits to be accepted")
  func ownerless() async throws {
    let (waiting, queued) = try await NetworkNamespace.run(sysctls: ["ipv4/tcp_tw_reuse": "0"]) { _ in
      let listener = try TestSocket.clientTimeWait(1, to: SocketAddress("127.0.0.1", 8080), source: .fixed("127.0.0.1", 40001))
      let other = try TestSocket.listener(SocketAddress("127.0.0.1", 8081))
      let client = try TestSocket.client(to: SocketAddress("127.0.0.1", 8081))
      let reports = (try Self.report(40001), try Self.report(8081))
      withExtendedLifetime((listener, other, client)) {}
      return reports
    }
    let closed = try #require(waiting.sockets.first)
    #expect(closed.owner == .nobody(.timeWait) && closed.direction == .outgoing)
    #expect((50_000...60_000).contains(closed.record.timeWaitRemaining))
    #expect(waiting.verdict.hasPrefix("No process holds TCP port 40001: 1 closed connection in TIME_WAIT for at most another 5"))
    #expect(queued.sockets.map(\.direction) == [.listening, .inbound])
    #expect(queued.sockets.last?.owner == .nobody(.notAccepted))
    #expect(queued.advice.contains { $0.contains("slow to accept()") })
  }

  @Test("another namespace is found by process and by inode, with its own settings, and shows up beside one's own")
  func otherNamespace() async throws {
    let (byPid, byInode, beside) = try await NetworkNamespace.run(pool: 41000...41099) { namespace in
      let script =
        "import socket,time; s=socket.socket(); s.bind(('127.0.0.1',41007)); s.listen(); print('ready',flush=True); time.sleep(900)"
      let program = try ChildProgram("python3", ["-c", script])
      try program.waitUntilItSays("ready")
      // This thread is in the namespace; the inspector's own is that of the process.
      let inspector = PortInspector(HostFiles())
      let id = HostFiles().namespace(at: namespace.path)?.rawValue ?? 0
      let reports = (
        try inspector.report(41007, [.tcp], netns: "\(program.pid)"), try inspector.report(41007, [.tcp], netns: "\(id)"),
        try inspector.report(41007, [.tcp])
      )
      withExtendedLifetime(program) {}
      return reports
    }
    for report in [byPid, byInode] {
      #expect(report.settings?.range == PortRange(first: 41000, last: 41099))
      #expect(report.sockets.map(\.direction) == [.listening])
      #expect(report.sockets.first?.owner.processes.first?.command.hasPrefix("python") == true)
      #expect(report.sockets.first?.isChosenByProgram == true)
    }
    #expect(beside.elsewhere.contains { $0.namespace.id == byPid.namespace.id && $0.listeners == 1 && $0.others == 0 })
  }

  @Test("a namespace that only its name keeps is looked into as well, and named to who may not go in")
  func emptyNamespace() async throws {
    let name = "portpool-explain-\(getpid())"
    let added = try ChildProgram.run("/usr/bin/env", ["ip", "netns", "add", name])
    try #require(added.status == 0, "\(added)")
    defer { _ = try? ChildProgram.run("/usr/bin/env", ["ip", "netns", "delete", name]) }
    // The socket stays behind when the thread that made it has gone.
    let socket = try NamespaceThread.run { thread in
      Result {
        try thread.enterNetwork(NamespaceFile("/run/netns/\(name)"))
        return try TestSocket.listener(SocketAddress("0.0.0.0", 41007))
      }
    }.get()
    let report = try PortInspector(HostFiles()).report(41007, [.tcp, .udp])
    let use = try #require(report.elsewhere.first { $0.namespace.name == name })
    #expect(report.verdict.hasPrefix("Nothing holds ") && report.verdict.contains(" other network namespace"), "\(report.verdict)")
    #expect(use.process == nil && use.listeners == 1 && use.others == 0)
    #expect(report.wholeText.contains("no process in it"))
    let inside = try PortInspector(HostFiles()).report(41007, [.tcp], netns: name)
    #expect(inside.sockets.first?.owner.processes.map(\.pid) == [getpid()])
    let diagnosis = try NamespaceThread.run { thread in
      Result {
        try thread.enterNetwork(NamespaceFile("/run/netns/\(name)"))
        return Doctor(HostFiles(), view: .thread, watch: .zero).diagnosis()
      }
    }.get()
    #expect(diagnosis.namespace.name == name && diagnosis.exitStatus != 2)
    withExtendedLifetime(socket) {}

    let refused = try await Unprivileged.run { try PortInspector(HostFiles()).report(41007, [.tcp]) }
    #expect(!refused.elsewhere.contains { $0.namespace.name == name })
    #expect(refused.notes.contains { $0.contains("could not be looked into: entering one needs root (CAP_SYS_ADMIN)") }, "\(refused.notes)")
  }
}
