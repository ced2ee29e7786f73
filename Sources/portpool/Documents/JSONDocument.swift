internal import FoundationEssentials

/// What a command prints with `--format json`. The field names of each are a promise.
package protocol JSONDocument: Codable, Sendable {}

extension JSONDocument {
  /// The document as JSON: one line, keys sorted, slashes as they are.
  package func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try [UInt8](encoder.encode(self)) + [UInt8(ascii: "\n")]
  }
}
