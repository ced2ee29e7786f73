/// The beginning of an answer's body: enough for the explanation of an error.
final class AnswerBuffer {
  private static let capacity = 4_096

  private(set) var bytes: [UInt8] = []

  /// Keeps what still fits; the rest is read and dropped, so that the connection can be used again.
  func append(_ more: UnsafeRawBufferPointer) {
    unsafe bytes.append(contentsOf: more.prefix(Self.capacity - bytes.count))
  }

  /// The body as one line of text: control characters and runs of white space become one space, at most 500 characters.
  var line: String {
    let printable = bytes.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
    let text = String(decoding: printable, as: UTF8.self).split(separator: " ").joined(separator: " ")
    return text.count > 500 ? text.prefix(500) + "…" : text
  }
}
