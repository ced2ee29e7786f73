import Foundation
import TestSupport
import Testing

@Suite("The whole program over recorded trees")
struct SnapshotTests {
  static let formats = ["table", "prometheus", "openmetrics", "json"]

  /// `busy`, `empty` and `no-ipv6` are of a 6.18 kernel; `broken` has a reversed range and a table that was cut off.
  static let runs =
    ["busy", "empty", "no-ipv6", "broken"].flatMap { tree in formats.map { Run(tree, $0) } }
    + formats.map {
      Run("busy", $0, ["--tuples", "2", "--top-tuples", "1", "--range", "low=0-1023", "--range", "db=40000-40049"], golden: "busy-limited")
    }
    + formats.map { Run("broken", $0, ["--collector.disable-defaults", "--collector.tcp"], golden: "broken-tcp") }

  @Test("a snapshot is written as it was recorded", arguments: runs)
  func recorded(run: Run) throws {
    try Golden.expect(run.text(), equals: run.golden)
  }

  @Test("two snapshots of one tree are the same text", arguments: formats)
  func repeatable(format: String) throws {
    let run = Run("busy", format)
    #expect(try run.text() == run.text())
  }

  @Test("JSON is one line of JSON, and no other form is empty or lacks its last line feed", arguments: formats)
  func lines(format: String) throws {
    let output = try Run("busy", format).outcome().standardOutput
    #expect(output.hasSuffix("\n") && !output.hasSuffix("\n\n"))
    guard format == "json" else { return }
    #expect(output.count { $0 == "\n" } == 1)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    #expect(document.keys.sorted() == ["errors", "namespaces", "source", "time"])
  }

  @Test("what goes into a file is what goes to standard output", arguments: formats)
  func file(format: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "portpool-golden-\(UUID().uuidString)").path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let outcome = try Run("busy", format, ["--output", path]).outcome()
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.standardOutput.isEmpty)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o644)
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count
    #expect(try lines == Run("busy", format).outcome().standardOutput.split(separator: "\n").count)
  }

  @Test("colour is for terminals")
  func colour() throws {
    #expect(try !Run("busy", "table").outcome().standardOutput.contains("\u{1B}"))
  }

  @Test("a recorded tree is not asked of the kernel that runs the test")
  func copy() throws {
    #expect(try Run("busy", "json").outcome().standardOutput.contains("\"source\":\"proc\""))
  }
}
