/// One import declaration of a Swift file, such as `package import PortModel` or `internal import struct Glibc.stat`.
struct ImportLine: Sendable, Hashable {
  /// From 1.
  let number: Int
  /// The module's first name: `Glibc` of `Glibc.stat`.
  let module: String

  private static let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
  private static let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]

  /// The import declarations of a file's text, wherever they stand: the compiler takes them below other code too.
  static func all(in text: String) -> [ImportLine] {
    var lines: [ImportLine] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      for statement in line.split(separator: ";") {
        var words = statement.split { $0 == " " || $0 == "\t" }[...]
        while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) { words = words.dropFirst() }
        guard words.first == "import" else { continue }
        words = words.dropFirst()
        if let word = words.first, kinds.contains(word) { words = words.dropFirst() }
        guard let path = words.first, let module = path.split(separator: ".").first else { continue }
        lines.append(ImportLine(number: index + 1, module: String(module)))
      }
    }
    return lines
  }
}
