/// An answer of the server, read strictly.
struct ProbeAnswer: Equatable {
  let status: Int
  /// Whether the connection ends with it.
  let isLast: Bool
  /// `nil` for a HEAD request.
  let body: String?

  /// An answer that refuses to read on; which of several faults it names is left to the server.
  var isRefusal: Bool { isLast && status >= 400 }

  /// The answer to the k-th request says its method and target first: the echo of the probe.
  func isEcho(of request: StrictRequest) -> Bool {
    guard let body else { return request.method == "HEAD" }
    return body.hasPrefix("\(request.method) \(request.target)\n")
  }

  /// All answers of a connection. Ends the program when they are anything but a row of whole HTTP/1.1 responses.
  static func all(in bytes: [UInt8], to requests: [StrictRequest]) -> [ProbeAnswer] {
    var cursor = StrictCursor(bytes)
    var answers: [ProbeAnswer] = []
    while !cursor.isAtEnd {
      require(answers.last?.isLast != true, "an answer after the last")
      let isToHead = answers.count < requests.count && requests[answers.count].method == "HEAD"
      answers.append(next(&cursor, isToHead: isToHead))
    }
    return answers
  }

  private static func next(_ cursor: inout StrictCursor, isToHead: Bool) -> ProbeAnswer {
    guard let first = cursor.line().map({ String(decoding: $0, as: UTF8.self) }) else { fail("no status line") }
    let words = first.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", words[1].utf8.count == 3, let status = Int(words[1]),
      (200...599).contains(status)
    else { fail("status line \"\(first)\"") }
    var fields: [String: String] = [:]
    while true {
      guard let line = cursor.line() else { fail("the header of \(first) has no end") }
      if line.isEmpty { break }
      let text = String(decoding: line, as: UTF8.self)
      let pair = text.split(separator: ":", maxSplits: 1)
      guard pair.count == 2, pair[1].hasPrefix(" "), text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { fail("field \"\(text)\"") }
      require(fields.updateValue(String(pair[1].dropFirst()), forKey: pair[0].lowercased()) == nil, "\(pair[0]) twice")
    }
    guard let count = fields["content-length"].flatMap({ Int($0) }), count > 0, fields["date"]?.hasSuffix(" GMT") == true,
      fields["content-type"] != nil
    else { fail("\(first): \(fields)") }
    let isLast = fields["connection"] == "close"
    // Whether the answer to a HEAD request that is refused has a body depends on whether its method was read.
    if isLast && status >= 400 ? cursor.isAtEnd : isToHead { return ProbeAnswer(status: status, isLast: isLast, body: nil) }
    guard let body = cursor.take(count) else { fail("\(first): the body is shorter than \(count) bytes") }
    return ProbeAnswer(status: status, isLast: isLast, body: String(decoding: body, as: UTF8.self))
  }
}
