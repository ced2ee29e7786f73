package import Foundation

/// A folder that is deleted with its last reference.
package final class TemporaryFolder: Sendable {
  package let url: URL

  package var path: String { url.path(percentEncoded: false) }

  package init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "portpool-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file and returns its path.
  package func file(_ name: String, _ content: String) throws -> String { try file(name, [UInt8](content.utf8)) }

  /// Writes a file and returns its path.
  package func file(_ name: String, _ bytes: [UInt8] = []) throws -> String {
    try Data(bytes).write(to: url.appending(path: name))
    return path(name)
  }

  /// The path of a file in the folder, which may not exist.
  package func path(_ name: String) -> String { "\(path)/\(name)" }

  /// The names in the folder, sorted.
  package func entries() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
