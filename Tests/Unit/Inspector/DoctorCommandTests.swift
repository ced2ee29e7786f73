import Foundation
import PortModel
import TestSupport
import Testing

@Suite("portpool doctor", .enabled(if: FileManager.default.isExecutableFile(atPath: ChildProgram.portpool), "portpool is not built"))
struct DoctorCommandTests {
  private func run(_ arguments: [String]) throws -> Outcome {
    try ChildProgram.run(ChildProgram.portpool, ["doctor", "--interval", "0.001"] + arguments)
  }

  @Test("findings are status 1, and one JSON document with the remedies")
  func sick() throws {
    let outcome = try run(["--format", "json", "--path.procfs", Fixture("inspect/sick").path])
    #expect(outcome.status == 1 && outcome.standardError == "")
    try Golden.expect(outcome.standardOutput, equals: "inspect/doctor-sick.json")
    let document = try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8)) as? [String: Any]
    let findings = document?["findings"] as? [[String: Any]] ?? []
    #expect(findings.count == 10 && document?["status"] as? Int == 1)
    for setting in findings.flatMap({ $0["settings"] as? [[String: String]] ?? [] }) {
      #expect(setting["command"]?.hasPrefix("sysctl -w ") == true && setting["file"] == "/etc/sysctl.d/60-portpool.conf")
    }
  }

  @Test("a port of the exporter's own is asked for")
  func exporterPort() throws {
    let outcome = try run(["--path.procfs", Fixture("inspect/sick").path, "--exporter-port", "40050"])
    #expect(outcome.standardOutput.contains("NOTICE exporter-port"))
    #expect(outcome.standardOutput.contains("ip_local_reserved_ports=40000-40001,40050"))
  }

  @Test("a range for services is looked at when it is named, and its name once")
  func serviceRanges() throws {
    let outcome = try run(["--path.procfs", Fixture("inspect/sick").path, "--range", "web=40060-40064", "--range", "db=5432"])
    #expect(outcome.standardOutput.contains("WARNING unreserved-ranges"))
    #expect(outcome.standardOutput.contains("ip_local_reserved_ports=40000-40001,40060-40064"), "\(outcome)")
    let twice = try run(["--range", "web=80", "--range", "web=81"])
    #expect(twice.status == 64 && twice.standardError.contains("\"web\" is given twice"))
  }

  @Test("nothing wrong is status 0")
  func healthy() throws {
    let copy = FileManager.default.temporaryDirectory.appending(path: "portpool-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: Fixture("inspect/proc").url, to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    try Data("10240\t39999\n".utf8).write(to: copy.appending(path: "sys/net/ipv4/ip_local_port_range"))
    let outcome = try run(["--path.procfs", copy.path(percentEncoded: false)])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.standardOutput.hasPrefix("Nothing is wrong with the pool of host.\n"))
    #expect(!outcome.standardOutput.contains("\u{1B}"), "no colour where nobody looks")
  }

  @Test("what cannot be looked at is status 2, with the file")
  func missing() throws {
    let outcome = try run(["--path.procfs", "/nowhere"])
    #expect(outcome.status == 2)
    #expect(outcome.standardOutput.contains("could not be looked at") && outcome.standardOutput.contains("/nowhere/"))
  }

  @Test(
    "a wrong flag is status 64",
    arguments: [["--interval", "-1"], ["--interval", "x"], ["--format", "xml"], ["--exporter-port", "65536"]])
  func usage(arguments: [String]) throws {
    #expect(try ChildProgram.run(ChildProgram.portpool, ["doctor"] + arguments).status == 64)
  }

  @Test("a user without rights is told which ones are missing, and who has them is not", .networkNamespaces)
  func rights() async throws {
    let (nobody, root) = try await NetworkNamespace.run(pool: nil) { _ in
      let listener = try TestSocket.listener(SocketAddress("127.0.0.1", 40007))
      defer { listener.close() }
      let arguments = ["doctor", "--interval", "0"]
      return (try NobodysProgram.run(arguments), try ChildProgram.run(ChildProgram.portpool, arguments, seconds: 600))
    }
    #expect(nobody.status == 1 && root.status == 1)
    #expect(nobody.standardOutput.contains("TCP 40007: of uid 0, unknown (run as root)"), "\(nobody)")
    #expect(nobody.standardOutput.contains("NOTICE missing-rights") && nobody.standardOutput.contains("CAP_SYS_PTRACE"))
    #expect(root.standardOutput.contains("(pid \(getpid()))") && !root.standardOutput.contains("missing-rights"), "\(root)")
  }
}
