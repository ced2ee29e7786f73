import Inspector
import PortModel
import TestSupport
import Testing

@Suite("Why an owner cannot be named")
struct OwnerGapTests {
  private func gaps(_ host: HostFiles, _ port: Port) throws -> [SocketOwner.Gap] {
    try PortInspector(host).report(port, [.tcp, .udp]).sockets.compactMap { socket in
      if case .nobody(let gap) = socket.owner { gap } else { nil }
    }
  }

  @Test(
    "a socket without an inode tells by its state why it has no owner",
    arguments: [
      ("0A", .closedByProgram), ("06", .timeWait), ("03", .halfOpen), ("0C", .halfOpen), ("04", .closedByProgram), ("05", .closedByProgram),
      ("09", .closedByProgram), ("01", .notAccepted), ("08", .notAccepted),
    ] as [(String, SocketOwner.Gap)])
  func withoutInode(state: String, expected: SocketOwner.Gap) throws {
    try CopiedHost.with { copy in
      try copy.write(
        "net/tcp",
        """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1030 1 0
           1: 0100007F:1F90 0200007F:A000 \(state) 00000000:00000000 00:00000000 00000000     0        0 0 1 0

        """)
      #expect(try gaps(copy.host, 8080) == [expected])
    }
  }

  @Test("where processes are hidden from this user, root is asked for")
  func hidden() throws {
    try CopiedHost.with { copy in
      for pid in ["812", "813"] { try copy.remove(pid) }
      try copy.write("self/status", "Uid:\t65534\t65534\t65534\t65534\nCapEff:\t0000000000000000\n")
      let report = try PortInspector(copy.host).report(80, [.tcp])
      #expect(report.sockets.first?.owner == .nobody(.needsRights))
      #expect(report.verdict.hasPrefix("A process that only root may name listens on TCP port 80"))
      #expect(report.page.text.contains("of uid 0, unknown (run as root)"))
      #expect(report.notes.contains { $0.contains("run this with sudo") })
    }
  }

  @Test("where every process may be looked at, the kernel or another PID namespace has it")
  func unseen() throws {
    try CopiedHost.with { copy in
      for pid in ["812", "813"] { try copy.remove(pid) }
      #expect(try gaps(copy.host, 80).contains(.notInProc))
      #expect(try !gaps(copy.host, 80).contains(.needsRights))
    }
  }

  @Test("without databases ports and users have numbers, and the page says so")
  func withoutDatabases() throws {
    try CopiedHost.with { copy in
      try copy.remove("1/root/etc")
      let report = try PortInspector(copy.host).report(80, [.tcp])
      #expect(report.services == nil)
      #expect(report.notes.contains { $0.contains("no services database") })
      #expect(report.page.text.contains("uid 33"))
    }
  }

  @Test("a broken table is an error that names the place, not an empty page")
  func brokenTable() throws {
    try CopiedHost.with { copy in
      try copy.write("net/tcp", "rubbish\n")
      #expect(throws: InspectionError.self) { try PortInspector(copy.host).report(80, [.tcp]) }
    }
  }

  @Test("a namespace that does not exist is an error that says what to give", arguments: ["nowhere", "1", "4026539999"])
  func unknownNamespace(name: String) {
    let error = #expect(throws: InspectionError.self) { try PortInspector(CopiedHost.recorded).report(80, [.tcp], netns: name) }
    #expect(error?.description.hasPrefix("--netns \(name): ") == true)
  }
}
