/// A request as RFC 9112 frames it, read strictly: what two servers in a row could read in two ways is none.
struct StrictRequest {
  let method: String
  let target: String
  /// The bytes that follow are a tunnel's or another protocol's, or may be. RFC 9110 sections 7.8 and 9.3.6
  let endsProtocol: Bool

  /// The whole requests at the beginning of a connection, up to the first that is broken or after which another protocol begins.
  static func all(in bytes: [UInt8]) -> [StrictRequest] {
    var cursor = StrictCursor(bytes)
    var requests: [StrictRequest] = []
    while let request = next(&cursor) {
      requests.append(request)
      if request.endsProtocol { break }
    }
    return requests
  }

  private static func next(_ cursor: inout StrictCursor) -> StrictRequest? {
    cursor.skipEmptyLines()
    guard let line = cursor.line() else { return nil }
    // More than one space between the words is allowed to a reader, and changes no framing. RFC 9112 section 3
    let words = line.split(separator: 0x20)
    guard words.count == 3, isToken(words[0]), words[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    // The parser takes two related protocols for HTTP, which they frame like; no proxy does.
    let protocols: Set = ["HTTP", "RTSP", "ICE"]
    let version = words[2].suffix(4)
    guard protocols.contains(text(words[2].dropLast(4))), ["/1.0", "/1.1"].contains(text(version)), let fields = readFields(&cursor) else {
      return nil
    }
    let method = text(words[0])
    // The first words of HTTP/2, for which the parser takes them at any version. RFC 9113 section 3.4
    guard method != "PRI" else { return nil }
    let endsProtocol = method == "CONNECT" || fields.contains { $0.name == "upgrade" }
    guard endsProtocol || skipBody(&cursor, fields, isOld: text(version) == "/1.0") else { return nil }
    return StrictRequest(method: method, target: text(words[1]), endsProtocol: endsProtocol)
  }

  /// Header or trailer fields to the empty line, names in lower case. RFC 9112 section 5
  private static func readFields(_ cursor: inout StrictCursor) -> [(name: String, value: String)]? {
    var fields: [(name: String, value: String)] = []
    while let line = cursor.line() {
      if line.isEmpty { return fields }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else { return nil }
      let value = line[(colon + 1)...]
      guard value.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else { return nil }
      let trimmed = value.drop { $0 == 0x20 || $0 == 0x09 }.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed()
      fields.append((text(line[..<colon]).lowercased(), text(trimmed)))
    }
    return nil
  }

  /// RFC 9112 section 6.3. `false` when the length is said in two ways or not at all, or the body does not come to its end.
  private static func skipBody(_ cursor: inout StrictCursor, _ fields: [(name: String, value: String)], isOld: Bool) -> Bool {
    let codings = fields.filter { $0.name == "transfer-encoding" }.map(\.value)
    let lengths = fields.filter { $0.name == "content-length" }.map(\.value)
    guard codings.count + lengths.count <= 1 else { return false }
    if let length = lengths.first {
      guard length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(length) else { return false }
      return cursor.skip(count)
    }
    guard let coding = codings.first else { return true }
    guard coding.lowercased() == "chunked", !isOld else { return false }
    while let line = cursor.line() {
      // What a chunk extension says is nobody's business, but it is text. Section 7.1.1
      let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
      guard line.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }), isHexadecimal(digits), let count = Int(text(digits), radix: 16)
      else { return false }
      if count == 0 { return readFields(&cursor) != nil }
      guard cursor.skip(count), cursor.line()?.isEmpty == true else { return false }
    }
    return false
  }

  private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }

  private static func isHexadecimal(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
  }

  private static func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
}
