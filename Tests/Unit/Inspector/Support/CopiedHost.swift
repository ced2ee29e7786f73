import Foundation
import Inspector
import TestSupport

/// The process file system of `Fixtures/inspect`, or a copy of it that a test may change.
struct CopiedHost {
  let url: URL

  static let recorded = HostFiles(procfs: Fixture("inspect/proc").path)

  /// A copy that lives as long as `body`.
  static func with<Result>(_ body: (CopiedHost) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(path: "portpool-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: Fixture("inspect/proc").url, to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(CopiedHost(url: url))
  }

  var host: HostFiles { HostFiles(procfs: url.path(percentEncoded: false)) }

  func remove(_ path: String) throws { try FileManager.default.removeItem(at: url.appending(path: path)) }

  func write(_ path: String, _ text: String) throws {
    let file = url.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}
