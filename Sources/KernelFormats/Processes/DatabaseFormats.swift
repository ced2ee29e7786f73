package import PortModel

/// The users of `/etc/passwd`.
///
/// ```
/// www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
/// ```
/// Manual page: `passwd(5)`. A line of another form is skipped, as `getpwuid` does.
package enum PasswordFileFormat {
  /// The names by user number; of two lines with the same number the first one counts.
  package static func names(_ bytes: borrowing Span<UInt8>) -> [UInt32: String] {
    var names: [UInt32: String] = [:]
    var lines = LineCursor()
    while let line = lines.next(in: bytes) {
      var index = line.start
      while index < line.end, bytes[index] != UInt8(ascii: ":") { index += 1 }
      let name = line.start..<index
      index += 1
      while index < line.end, bytes[index] != UInt8(ascii: ":") { index += 1 }
      index += 1
      if !name.isEmpty, index < line.end, let number = bytes.decimal(&index), number <= UInt64(UInt32.max),
        index < line.end, bytes[index] == UInt8(ascii: ":")
      {
        let user = UInt32(number)
        if names[user] == nil { names[user] = bytes.text(name) }
      }
    }
    return names
  }
}

/// The services database: which name a port goes by.
///
/// ```
/// domain		53/udp				# Domain Name Server
/// http		80/tcp		www		# WorldWideWeb HTTP
/// ```
/// Manual page: `services(5)`. A line of another form is skipped, as `getservbyport` does.
package enum ServicesFormat {
  /// The official name and the comment of `port`, the first line that names both; `nil` when none does.
  package static func service(_ bytes: borrowing Span<UInt8>, port: Port, _ transport: TransportProtocol) -> ServiceName? {
    var lines = LineCursor()
    while let line = lines.next(in: bytes) {
      var index = line.start
      let name = bytes.word(&index, line.end)
      bytes.skipBlanks(&index)
      if !name.isEmpty, let number = bytes.port(&index), number == port, index < line.end, bytes[index] == UInt8(ascii: "/") {
        index += 1
        let word = bytes.word(&index, line.end)
        if bytes.text(word) == transport.name {
          return ServiceName(name: bytes.text(name), comment: bytes.comment(from: index, line.end))
        }
      }
    }
    return nil
  }
}

/// What the services database calls a port.
package struct ServiceName: Sendable, Hashable {
  /// `http`
  package let name: String
  /// `WorldWideWeb HTTP`; empty where the line has no comment.
  package let comment: String

  package init(name: String, comment: String = "") {
    self.name = name
    self.comment = comment
  }
}

extension Span<UInt8> {
  /// The bytes up to the next blank, `#` or `end`.
  fileprivate func word(_ index: inout Int, _ end: Int) -> Range<Int> {
    let start = index
    while index < end, self[index] > 0x20, self[index] != UInt8(ascii: "#") { index += 1 }
    return start..<index
  }

  fileprivate func comment(from start: Int, _ end: Int) -> String {
    var index = start
    while index < end, self[index] != UInt8(ascii: "#") { index += 1 }
    guard index < end else { return "" }
    index += 1
    skipBlanks(&index)
    var last = end
    while last > index, self[last - 1] <= 0x20 { last -= 1 }
    return index < last ? text(index..<last) : ""
  }
}
