package import Foundation

/// A file or tree below `Tests/Fixtures`.
package struct Fixture: Sendable, Hashable {
  package let url: URL

  /// - Parameter path: below `Tests/Fixtures`, such as `proc/busy`.
  package init(_ path: String) { url = Self.root.appending(path: path) }

  /// `Tests/Fixtures` of this checkout.
  package static let root = tests.appending(path: "Fixtures")

  /// `Tests` of this checkout.
  package static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The checkout's own folder.
  package static let package = tests.deletingLastPathComponent()

  package var path: String { url.path(percentEncoded: false) }
  package var exists: Bool { FileManager.default.fileExists(atPath: path) }

  package func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }
  package func text() throws -> String { String(decoding: try bytes(), as: UTF8.self) }

  /// The names in this folder, sorted.
  package func entries() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
