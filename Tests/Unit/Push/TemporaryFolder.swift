import Foundation

/// A folder that goes with its last reference.
final class TemporaryFolder: Sendable {
  let url: URL

  var path: String { url.path(percentEncoded: false) }

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "portpool-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ content: String) throws -> String {
    let file = url.appending(path: name)
    try Data(content.utf8).write(to: file)
    return file.path(percentEncoded: false)
  }
}
