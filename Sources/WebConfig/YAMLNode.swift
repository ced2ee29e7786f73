/// A value of a YAML document with its place.
struct YAMLNode: Sendable, Hashable {
  /// What the value is. Aliases, anchors and explicit tags do not occur: the parser refuses them.
  enum Content: Sendable, Hashable {
    /// The text, and whether it stood without quotes: only then can it be null, a number or a truth value.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([Entry])
  }

  /// A key of a mapping and its value.
  struct Entry: Sendable, Hashable {
    let key: String
    /// Of the key, from 1.
    let line: Int
    let value: YAMLNode
  }

  let content: Content
  /// From 1.
  let line: Int

  /// `~`, `null` and nothing at all. YAML 1.1, "Null Language-Independent Type"
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// What it is, for an error.
  var kind: String {
    switch content {
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}
