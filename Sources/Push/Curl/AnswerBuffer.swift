/// The beginning of an answer's body: enough for the explanation of an error, or for the document that was asked for.
final class AnswerBuffer {
  private let capacity: Int
  private(set) var bytes: [UInt8] = []
  /// Whether there was more than fits.
  private(set) var isCut = false

  init(capacity: Int) { self.capacity = capacity }

  /// Keeps what still fits; the rest is read and dropped, so that the connection can be used again.
  func append(_ more: UnsafeRawBufferPointer) {
    let room = capacity - bytes.count
    if more.count > room { isCut = true }
    unsafe bytes.append(contentsOf: more.prefix(room))
  }

  /// The body as one line of text: control characters and runs of white space become one space, at most 500 characters.
  var line: String {
    let printable = bytes.prefix(4_096).map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
    let text = String(decoding: printable, as: UTF8.self).split(separator: " ").joined(separator: " ")
    return text.count > 500 ? text.prefix(500) + "…" : text
  }
}
