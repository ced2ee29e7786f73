import TestSupport
import Testing

@Suite("portpool top over recorded trees")
struct TopTests {
  @Test("one look in lines is as it was recorded", arguments: ["busy", "empty", "no-ipv6", "broken"])
  func recorded(tree: String) throws {
    let outcome = try ChildProgram.run(ChildProgram.portpool, ["top", "--count", "1", "--path.procfs", Fixture("proc/\(tree)").path])
    let time = /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/
    var text = outcome.standardOutput.replacing(time, with: "2026-01-02T03:04:05Z")
    if !outcome.standardError.isEmpty {
      text += "=== standard error\n" + outcome.standardError.replacing(Fixture("proc").path, with: "PROC")
    }
    if outcome.status != 0 { text += "=== exit status \(outcome.status)\n" }
    try Golden.expect(text, equals: "golden/top/\(tree)-lines.txt")
  }

  @Test("a look at a tree whose settings cannot be read says so, and its status is 1")
  func broken() throws {
    let outcome = try ChildProgram.run(ChildProgram.portpool, ["top", "--count", "1", "--path.procfs", Fixture("proc/broken").path])
    #expect(outcome.status == 1)
    #expect(outcome.standardError.contains("ip_local_port_range"))
  }
}
