internal import CYaml

/// The events of a YAML text, one after the other. Owns the parser of libyaml.
///
/// The corresponding C type is `yaml_parser_t`.
@safe struct YAMLEvents: ~Copyable {
  /// One event: libyaml's, with the text copied.
  struct Event {
    let kind: cyaml_kind
    let text: String
    let isPlain: Bool
    let hasAnchor: Bool
    let hasTag: Bool
    let line: Int
  }

  /// Why the text is no YAML.
  struct Problem: Error {
    let line: Int
    let text: String
  }

  private let reader: UnsafeMutablePointer<cyaml_reader>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// A parser over a copy of the bytes; `nil` without memory.
  init?(_ bytes: [UInt8]) {
    let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    _ = unsafe input.initialize(from: bytes)
    guard let reader = unsafe cyaml_open(input.baseAddress, bytes.count) else {
      unsafe input.deallocate()
      return nil
    }
    unsafe self.reader = reader
    unsafe self.input = input
  }

  deinit {
    unsafe cyaml_close(reader)
    unsafe input.deallocate()
  }

  /// The next event.
  /// - Throws: ``Problem`` for a text that is no YAML.
  mutating func next() throws(Problem) -> Event {
    var event = unsafe cyaml_event()
    guard unsafe cyaml_next(reader, &event) != 0 else {
      var line = 0
      var column = 0
      let problem = unsafe String(cString: cyaml_problem(reader, &line, &column))
      throw Problem(line: line, text: problem)
    }
    let bytes = unsafe UnsafeBufferPointer(start: event.bytes, count: event.length)
    return unsafe Event(
      kind: event.kind, text: String(decoding: bytes, as: UTF8.self), isPlain: event.is_plain != 0, hasAnchor: event.has_anchor != 0,
      hasTag: event.has_tag != 0, line: Int(event.line))
  }
}
