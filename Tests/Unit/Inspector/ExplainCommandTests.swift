import Foundation
import TestSupport
import Testing

/// Runs the built program; skipped, with a reason, where only the libraries were built.
@Suite("portpool explain", .enabled(if: FileManager.default.isExecutableFile(atPath: ChildProgram.portpool), "portpool is not built"))
struct ExplainCommandTests {
  @Test(
    "takes a port, a destination or a range, and nothing else",
    arguments: [
      ("10.0.0.9:0", "1 to 65535"), ("10.0.0.9:", "1 to 65535"), ("::1:443", "[2001:db8::9]:443"), ("[10.0.0.9]:80", "[2001:db8::9]:443"),
      ("db.example:5432", "names are not looked up"), ("[::1]:44x", "1 to 65535"), ("40000-39999", "above the last"),
      ("40000-70000", "0 to 65535"), ("nodeport", "known are ephemeral, well_known, registered, dynamic"),
      ("65536", "0 to 65535"), ("99999999999999999999", "0 to 65535"), ("http", "not ports"), ("80x", "not ports"), ("", "not ports"),
      ("+80", "not ports"), ("8 0", "not ports"),
    ])
  func wrongPort(argument: String, sentence: String) throws {
    let outcome = try ChildProgram.run(ChildProgram.portpool, ["explain", argument])
    #expect(outcome.status == 64)
    #expect(outcome.standardOutput == "")
    #expect(outcome.standardError.contains(sentence), "\(outcome)")
  }

  @Test("answers for every kind of port", arguments: ["49152", "65535", "0", "80", "60326"])
  func goodPort(port: String) throws {
    let outcome = try ChildProgram.run(ChildProgram.portpool, ["explain", port], seconds: 600)
    #expect(outcome.status == 0)
    #expect(outcome.standardError == "")
    for word in ["THE NUMBER", "IANA", "Kernel", port] { #expect(outcome.standardOutput.contains(word)) }
    #expect(!outcome.standardOutput.contains("\u{1B}"), "no colour where nobody looks")
  }

  @Test("names the ranges that a port lies in")
  func ranges() throws {
    let words = ["explain", "30080", "--range", "nodeport=30000-32767", "--range", "db=5432", "--format", "json"]
    let outcome = try ChildProgram.run(ChildProgram.portpool, words, seconds: 600)
    let document = try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8)) as? [String: Any]
    #expect(document?["named_ranges"] as? [String] == ["nodeport"], "\(outcome)")
  }

  @Test("writes one JSON document", arguments: ["80", "49152", "60326"])
  func json(port: String) throws {
    let outcome = try ChildProgram.run(
      ChildProgram.portpool, ["explain", port, "--format", "json", "--path.procfs", Fixture("inspect/proc").path])
    try Golden.expect(outcome.standardOutput, equals: "inspect/explain-\(port).json")
    let document = try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8)) as? [String: Any]
    #expect(document?["port"] as? Int == Int(port))
    #expect((document?["sockets"] as? [Any])?.isEmpty == false)
  }

  @Test(
    "counts the holders of a destination or a range by process and state",
    arguments: [
      (["203.0.113.10:443"], "1 local port is held towards 203.0.113.10:443 by closed connections in TIME_WAIT."),
      (["203.0.113.9:443", "--protocol", "tcp"], "2 local ports are held towards 203.0.113.9:443, the most by "),
      (["ephemeral"], "6 ports of ephemeral (32768–60999) are held, the most by python3 (pid 950): 2."),
      (["40000-41999"], "2 ports of 40000-41999 are held, the most by curl (pid 900): 1."),
      (["node", "--range", "node=40000-41999"], "2 ports of node (40000–41999) are held, the most by curl (pid 900): 1."),
      (["[2001:db8::9]:443"], "No socket in host holds a port towards [2001:db8::9]:443."),
    ])
  func holders(arguments: [String], verdict: String) throws {
    let words = ["explain"] + arguments + ["--path.procfs", Fixture("inspect/proc").path]
    let text = try ChildProgram.run(ChildProgram.portpool, words)
    #expect(text.status == 0 && text.standardOutput.hasPrefix(verdict), "\(text)")
    let json = try ChildProgram.run(ChildProgram.portpool, words + ["--format", "json"])
    let document = try JSONSerialization.jsonObject(with: Data(json.standardOutput.utf8)) as? [String: Any]
    #expect((document?["verdict"] as? String)?.hasPrefix(verdict) == true, "\(json)")
    let holders = document?["holders"] as? [[String: Any]] ?? []
    #expect(holders.reduce(0) { $0 + ($1["sockets"] as? Int ?? 0) } == document?["sockets"] as? Int)
    #expect((document?["destination"] == nil) == (document?["range"] != nil))
  }

  @Test("tells a user without rights whom to ask, and never that nobody has the port", .networkNamespaces)
  func unprivileged() async throws {
    let outcome = try await NetworkNamespace.run { _ in
      let listener = try TestSocket.listener(SocketAddress("127.0.0.1", 8080))
      defer { listener.close() }
      return try NobodysProgram.run(["explain", "8080"])
    }
    #expect(outcome.status == 0)
    for sentence in [
      "A process that only root may name listens on TCP port 8080.", "unknown (run as root)", "run this with sudo", "may not be looked at",
    ] { #expect(outcome.standardOutput.contains(sentence), "\(outcome)") }
  }

  @Test("gives the commands of other systems in its help")
  func help() throws {
    let text = try ChildProgram.run(ChildProgram.portpool, ["explain", "--help"]).standardOutput
    for word in ["ss -tunap", "lsof -nP -i", "netstat -ano", "Get-NetTCPConnection", "sockstat", "dynamicport"] {
      #expect(text.contains(word))
    }
  }

  @Test(
    "a namespace or a mount point that is not there ends it with a sentence",
    arguments: [
      ["80", "--netns", "nowhere"], ["80", "--path.procfs", "/nowhere"],
    ])
  func missing(arguments: [String]) throws {
    let outcome = try ChildProgram.run(ChildProgram.portpool, ["explain"] + arguments)
    #expect(outcome.status == 1)
    #expect(outcome.standardError.contains("nowhere"))
  }
}
