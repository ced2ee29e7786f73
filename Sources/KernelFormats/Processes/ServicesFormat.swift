package import PortModel

/// The services database: which name a port goes by.
///
/// ```
/// domain		53/udp				# Domain Name Server
/// http		80/tcp		www		# WorldWideWeb HTTP
/// ```
/// Manual page: `services(5)`. A line that is of another form is passed over, as `getservbyport` does.
package enum ServicesFormat {
  /// The official name and the comment of `port`, the first line that names both; `nil` when none does.
  package static func service(_ bytes: borrowing Span<UInt8>, port: Port, _ transport: TransportProtocol) -> ServiceName? {
    var start = 0
    while start < bytes.count {
      let end = bytes.endOfLine(from: start)
      var index = start
      let name = bytes.word(&index, end)
      bytes.skipBlanks(&index)
      if !name.isEmpty, let number = bytes.port(&index), number == port, index < end, bytes[index] == UInt8(ascii: "/") {
        index += 1
        let word = bytes.word(&index, end)
        if bytes.text(word) == transport.name {
          return ServiceName(name: bytes.text(name), comment: bytes.comment(from: index, end))
        }
      }
      start = end + 1
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
