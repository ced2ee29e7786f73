internal import Foundation
package import Testing

/// Compares whole outputs with recorded files. `UPDATE_GOLDEN=1` records them again.
package enum Golden {
  /// Whether files are recorded instead of compared.
  package static let isRecording = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

  /// Records an issue that shows the first lines that differ when `actual` is not what `file` holds.
  ///
  /// - Parameter file: below `Tests/Fixtures`, such as `golden/busy.prom`.
  package static func expect(
    _ actual: String, equals file: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let fixture = Fixture(file)
    if isRecording {
      try FileManager.default.createDirectory(at: fixture.url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(actual.utf8).write(to: fixture.url)
    } else if let problem = try problem(actual, file) {
      Issue.record("\(problem)", sourceLocation: sourceLocation)
    }
  }

  /// What is wrong with `actual`; `nil` when it is what `file` holds.
  package static func problem(_ actual: String, _ file: String) throws -> String? {
    let fixture = Fixture(file)
    guard fixture.exists else { return "\(file) is missing; record it with UPDATE_GOLDEN=1" }
    return try difference(fixture.text(), actual).map { "\(file) differs (UPDATE_GOLDEN=1 records it anew)\n\($0)" }
  }

  /// The lines that are only in one of two texts, `-` for the first and `+` for the second, at most 20; `nil` when they are equal.
  package static func difference(_ expected: String, _ actual: String) -> String? {
    if expected == actual { return nil }
    let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let new = actual.split(separator: "\n", omittingEmptySubsequences: false)
    var lines: [(place: Int, text: String)] = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, let line, _): lines.append((offset, "-\(offset + 1): \(line)"))
      case .insert(let offset, let line, _): lines.append((offset, "+\(offset + 1): \(line)"))
      }
    }
    lines.sort { $0.place < $1.place }
    let more = lines.count > 20 ? "\n… and \(lines.count - 20) more lines" : ""
    return lines.prefix(20).map(\.text).joined(separator: "\n") + more
  }
}
