internal import CYaml

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

/// Reads one YAML document into values, strictly: a key that is there twice, an alias, an anchor, a tag, a second document, deep nesting and
/// keys that are no text are errors. A configuration that means something else than it seems to is worse than none.
struct YAMLParser: ~Copyable {
  private static let maximumDepth = 8
  private static let maximumNodes = 10_000

  private var events: YAMLEvents
  private let file: String
  private var nodes = 0

  /// The document of a text; `nil` when the text holds none.
  /// - Throws: ``ConfigurationError`` with the line.
  static func document(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> YAMLNode? {
    guard let events = YAMLEvents(bytes) else {
      throw ConfigurationError(file: file, problem: "no memory for the parser", hint: "free some memory")
    }
    var parser = YAMLParser(events: events, file: file)
    return try parser.document()
  }

  private init(events: consuming YAMLEvents, file: String) {
    self.events = events
    self.file = file
  }

  private mutating func document() throws(ConfigurationError) -> YAMLNode? {
    var result: YAMLNode?
    while true {
      let event = try next()
      switch event.kind {
      case CYAML_STREAM_END: return result
      case CYAML_DOCUMENT_START where result != nil:
        throw error(event, "a second document begins here", "a configuration is one document: remove the line with ---")
      case CYAML_SCALAR, CYAML_SEQUENCE_START, CYAML_MAPPING_START, CYAML_ALIAS: result = try node(event, depth: 0)
      default: break
      }
    }
  }

  private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(ConfigurationError) -> YAMLNode {
    nodes += 1
    if event.kind == CYAML_ALIAS { throw error(event, "an alias (*) stands here", "write the value out") }
    if event.hasAnchor { throw error(event, "an anchor (&) stands here", "write the value out where it is needed") }
    if event.hasTag { throw error(event, "a tag (!) stands here", "remove it") }
    guard depth < Self.maximumDepth, nodes <= Self.maximumNodes else {
      throw error(event, "the file is nested too deeply or holds too much", "no configuration needs this")
    }
    switch event.kind {
    case CYAML_SCALAR: return YAMLNode(content: .scalar(event.text, isPlain: event.isPlain), line: event.line)
    case CYAML_SEQUENCE_START:
      var items: [YAMLNode] = []
      while true {
        let item = try next()
        if item.kind == CYAML_SEQUENCE_END { return YAMLNode(content: .sequence(items), line: event.line) }
        items.append(try node(item, depth: depth + 1))
      }
    default: return try mapping(event, depth: depth)
    }
  }

  private mutating func mapping(_ start: YAMLEvents.Event, depth: Int) throws(ConfigurationError) -> YAMLNode {
    var entries: [YAMLNode.Entry] = []
    var lines: [String: Int] = [:]
    while true {
      let event = try next()
      if event.kind == CYAML_MAPPING_END { return YAMLNode(content: .mapping(entries), line: start.line) }
      guard case .scalar(let key, _) = try node(event, depth: depth + 1).content else {
        throw error(event, "a key that is no text", "write KEY: VALUE")
      }
      if let first = lines.updateValue(event.line, forKey: key) {
        throw error(event, "the key \"\(key)\" is there twice", "it is also in line \(first): keep one")
      }
      let valueEvent = try next()
      entries.append(YAMLNode.Entry(key: key, line: event.line, value: try node(valueEvent, depth: depth + 1)))
    }
  }

  private mutating func next() throws(ConfigurationError) -> YAMLEvents.Event {
    do throws(YAMLEvents.Problem) {
      return try events.next()
    } catch {
      throw ConfigurationError(
        file: file, line: error.line, problem: "this is not YAML (\(error.text))", hint: "check indentation, colons and quotes")
    }
  }

  private func error(_ event: YAMLEvents.Event, _ problem: String, _ hint: String) -> ConfigurationError {
    ConfigurationError(file: file, line: event.line, problem: problem, hint: hint)
  }
}
