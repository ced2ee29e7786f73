import Foundation
import TestSupport
import Testing

/// Runs the built program; skipped, with a reason, where only the libraries were built.
@Suite("portpool explain", .enabled(if: FileManager.default.isExecutableFile(atPath: ChildProgram.portpool), "portpool is not built"))
struct ExplainCommandTests {
  @Test(
    "takes a port number and nothing else",
    arguments: [
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
