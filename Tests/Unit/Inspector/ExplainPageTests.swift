import Inspector
import PortModel
import Scraper
import TestSupport
import Testing

@Suite("The page about a port")
struct ExplainPageTests {
  @Test("is what was recorded", arguments: [0, 53, 80, 5432, 7777, 40000, 40001, 41000, 45000, 46000, 49152, 60326, 65535] as [Port])
  func golden(port: Port) throws {
    let report = try PortInspector(CopiedHost.recorded).report(port, [.tcp, .udp])
    try Golden.expect(report.wholeText, equals: "inspect/explain-\(port).txt")
  }

  @Test(
    "has the verdict as its first line",
    arguments: [
      (0, "No socket can have port 0: asking for it makes the kernel choose a free port."),
      (53, "dnsmasq (pid 101) receives on UDP port 53."),
      (80, "nginx (pid 812) and 1 more process listen on TCP port 80; 6 connections to it."),
      (40001, "Nothing holds TCP and UDP port 40001 here: it is reserved, so only a program that asks for it by number gets it."),
      (41000, "TCP port 41000 is held by an outgoing connection of curl (pid 900) to 127.0.0.1:80."),
      (46000, "UDP port 46000 is held by an outgoing connection of python3 (pid 950) to 203.0.113.53:53."),
      (49152, "TCP port 49152 is held by 2 outgoing connections of python3 (pid 950)."),
      (60000, "Nothing holds TCP and UDP port 60000 here: the kernel may give it to any outgoing connection."),
      (60326, "No process holds TCP port 60326: 2 closed connections in TIME_WAIT for at most another 59.9 s."),
      (
        65535,
        "Nothing holds TCP and UDP port 65535 here: it is outside the kernel's range, so only a program that asks for it by number gets it."
      ),
    ] as [(Port, String)])
  func verdict(port: Port, expected: String) throws {
    let report = try PortInspector(CopiedHost.recorded).report(port, [.tcp, .udp])
    #expect(report.verdict == expected)
    #expect(report.page.text.hasPrefix(expected + "\n"))
  }

  @Test("lists listeners before clients")
  func order() throws {
    let directions = try PortInspector(CopiedHost.recorded).report(80, [.tcp]).sockets.map(\.direction)
    #expect(directions.first == .listening)
    #expect(directions == directions.sorted())
    #expect(Set(directions) == [.listening, .inbound])
  }

  @Test("never tells anyone to end a client", arguments: [41000, 46000, 49152, 60326] as [Port])
  func mercy(port: Port) throws {
    let text = try PortInspector(CopiedHost.recorded).report(port, [.tcp, .udp]).page.text.lowercased()
    for word in ["kill", "terminate", "stop ", "fuser"] { #expect(!text.contains(word)) }
  }

  @Test(
    "advises to reserve a server's port; where a resolver may have picked it, only for a server",
    arguments: [
      (.tcp, .listen, true, "can take it. Reserve it: sysctl"), (.tcp, .listen, false, nil), (.udp, .close, false, nil),
      (.udp, .close, true, "Unless its program picks UDP ports for each query or call, as resolvers and relays do, reserve it: sysctl"),
    ] as [(TransportProtocol, SocketState, Bool, String?)])
  func reservation(transport: TransportProtocol, state: SocketState, isChosen: Bool, expected: String?) {
    let record = SocketRecord(
      transport: transport, state: state, local: IPAddress(ipv4: 0), localPort: 40000, remote: IPAddress(ipv4: 0), remotePort: 0, inode: 7)
    let socket = HeldSocket(
      record: record, direction: transport == .tcp ? .listening : .receiving, isLocal: false, isChosenByProgram: isChosen,
      owner: .nobody(.notInProc))
    let report = PortReport(
      port: 40000, transports: [transport], namespace: NamespaceName(name: "host", id: nil), services: nil,
      settings: PoolSettings(range: .linuxDefault), sockets: [socket])
    #expect(report.advice.contains { $0.contains("eserve it: ") } == (expected != nil))
    if let expected { #expect(report.advice.contains { $0.contains(expected) }, "\(report.advice)") }
  }

  @Test("says why bound sockets were not seen: the kernel could not be asked, or was and does not list them")
  func boundOnly() throws {
    let notes = try PortInspector(CopiedHost.recorded).report(60000, [.tcp]).notes
    #expect(notes.contains { $0.contains("inet_diag could not be asked") }, "\(notes)")
    #expect(BoundOnlyListing.listed.note == nil)
    let asked = try #require(BoundOnlyListing.notListed.note)
    #expect(asked.contains("inet_diag was asked") && !asked.contains("could not be asked"))
  }

  @Test("prints nothing that moves the cursor or turns the line, whatever a process is called")
  func printableNames() throws {
    let text = try PortInspector(CopiedHost.recorded).report(45000, [.tcp]).page.text
    #expect(text.contains("\\x1b[2Jevil (pid 970)"))
    #expect(text.contains("\\u202etxt"))
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E || $0 == "\n" })
  }

  @Test(
    "names a namespace so that the command reaches it, and runs nothing else, wherever it is pasted",
    arguments: [
      ("blue", "--netns blue"), ("two words", "--netns 'two words'"), ("$(id)`id`;'", #"--netns '$(id)`id`;'\'''"#), ("-x", "--netns=-x"),
      ("~root", "--netns '~root'"), ("a\u{1B}[2J\u{202E}\n", #"--netns $'a\x1b[2J\xe2\x80\xae\x0a'"#),
    ])
  func pasted(name: String, words: String) throws {
    let elsewhere = NamespaceUse(
      namespace: NamespaceName(name: name, id: NetworkNamespaceID(rawValue: 4_026_532_301)), process: nil, listeners: 1, others: 0)
    let report = PortReport(
      port: 80, transports: [.tcp], namespace: NamespaceName(name: name, id: nil), services: nil, settings: nil, sockets: [],
      elsewhere: [elsewhere])
    let text = report.wholeText
    #expect(text.contains("portpool explain 80 \(words)\n"), "\(text)")
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x202E })
    let word = words.dropFirst("--netns".count + 1)
    #expect(try ChildProgram.run("bash", ["-c", "printf '%s|' \(word)"]).standardOutput == name + "|")
  }

  @Test(
    "looks into another namespace only for a transport of which the kernel counts sockets there",
    arguments: [(0, 0, false), (3, 0, true), (0, 3, false), (nil, nil, true)] as [(Int?, Int?, Bool)])
  func counted(tcp: Int?, udp: Int?, isFound: Bool) throws {
    try CopiedHost.with { copy in
      if let tcp, let udp {
        try copy.write("950/net/sockstat", "sockets: used 9\nTCP: inuse \(tcp) orphan 0 tw 0 alloc 4 mem 1\nUDP: inuse \(udp) mem 0\n")
      }
      let report = try PortInspector(copy.host).report(80, [.tcp])
      #expect(report.elsewhere.map(\.process?.pid) == (isFound ? [950] : []))
    }
  }

  @Test("says which ranges for services a port lies in, and reserves one of which the kernel hands out ports")
  func ranges() throws {
    func range(_ name: String, _ first: Port, _ last: Port) throws -> NamedRange {
      NamedRange(name: name, ports: try #require(PortRange(first: first, last: last)))
    }
    func report(_ first: Port) throws -> PortReport {
      let settings = PoolSettings(range: try #require(PortRange(first: first, last: 60999)), reserved: [8080])
      return try PortReport(
        port: 30080, transports: [.tcp], namespace: NamespaceName(name: "host", id: nil), services: nil, settings: settings, sockets: [],
        ranges: [range("nodeport", 30000, 32767), range("database", 5432, 5432)])
    }
    let text = try report(10240).page.text
    #expect(text.contains("nodeport (30000–32767), named with --range") && !text.contains("database"))
    #expect(try report(10240).verdict.contains("It lies in nodeport, a range for services, and a service may have no socket."))
    #expect(text.contains("Reserve the range: sysctl -w net.ipv4.ip_local_reserved_ports=8080,30000-32767\n"))
    #expect(try report(32768).advice.isEmpty && report(32768).page.text.contains("nodeport (30000–32767)"))
  }

  @Test("asks only for the transport that was named")
  func transports() throws {
    #expect(try PortInspector(CopiedHost.recorded).report(53, [.tcp]).sockets == [])
    #expect(try PortInspector(CopiedHost.recorded).report(53, [.udp]).sockets.map(\.record.transport) == [.udp])
  }

  @Test("lists twenty connections, and counts all of them by state")
  func manyConnections() throws {
    try CopiedHost.with { copy in
      let rows = (0..<30).map { number in
        let peer = String(40000 + number, radix: 16, uppercase: true)
        let state = number < 25 ? "01" : "08"
        return " \(number): 0100007F:1F90 0200007F:\(peer) \(state) 00000000:00000000 00:00000000 00000000 0 0 \(7000 + number) 1 0\n"
      }
      let title = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      try copy.write("net/tcp", title + rows.joined())
      let text = try PortInspector(copy.host).report(8080, [.tcp]).page.text
      #expect(text.contains("… and 10 more connections; all together: 25 ESTABLISHED, 5 CLOSE_WAIT; --format json lists them"), "\(text)")
    }
  }
}
