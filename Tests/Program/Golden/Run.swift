import Foundation
import TestSupport
import Testing

/// One run of the built program over a tree of `Tests/Fixtures/proc`, with what differs from run to run masked.
struct Run: Sendable, CustomTestStringConvertible {
  let tree: String
  let format: String
  let arguments: [String]
  /// The golden file, below `Tests/Fixtures/golden/snapshot`.
  let golden: String

  init(_ tree: String, _ format: String, _ arguments: [String] = [], golden: String? = nil) {
    self.tree = tree
    self.format = format
    self.arguments = arguments
    let suffix = ["table": "txt", "prometheus": "prom", "openmetrics": "om", "json": "json"][format] ?? format
    self.golden = "golden/snapshot/\(golden ?? tree).\(suffix)"
  }

  var testDescription: String { "\(golden): \((["--format", format] + arguments).joined(separator: " "))" }

  func outcome() throws -> Outcome {
    try ChildProgram.run(
      ChildProgram.portpool, ["snapshot", "--path.procfs", Fixture("proc/\(tree)").path, "--format", format] + arguments)
  }

  /// Both outputs and the status as one text: the status only when it is not 0, standard error with the place of the checkout taken out.
  func text() throws -> String {
    let outcome = try outcome()
    var text = Self.masked(outcome.standardOutput)
    if !outcome.standardError.isEmpty { text += "=== standard error\n\(Self.masked(outcome.standardError))" }
    if outcome.status != 0 { text += "=== exit status \(outcome.status)\n" }
    return text
  }

  /// The time, the build and how long a collector took are of the run, not of the tree. Long JSON is broken into lines, for people who read differences.
  private static func masked(_ text: String) -> String {
    text
      .replacing(Fixture("proc").path, with: "PROC")
      .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/, with: "TIME")
      .replacing(
        /portpool_build_info\{version="[^"]+",revision="[^"]+",swiftversion="[^"]+",os="linux",arch="[^"]+"\} 1\n/,
        with: "portpool_build_info{BUILD} 1\n"
      )
      .replacing(/(portpool_scrape_collector_duration_seconds\{[^}]*\}) [0-9.e-]+\n/) { "\($0.output.1) SECONDS\n" }
      .replacing("},{", with: "},\n{")
  }
}
