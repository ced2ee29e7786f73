/// The numbers of `/proc/net/sockstat` and `sockstat6`: how many sockets a namespace has, without a walk of its tables.
///
/// ```
/// TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1
/// ```
/// `tw` counts TIME_WAIT, which `inuse` does not. `orphan`, `alloc` and `mem` are the whole host's.
///
/// Kernel: `sockstat_seq_show` in `net/ipv4/proc.c`.
package enum SockstatFormat {
  /// The number behind `name` in the line of `group`, such as `TCP` and `tw`; `nil` when this kernel has no such line or name.
  ///
  /// - Throws: a name that no number follows.
  package static func value(_ bytes: borrowing Span<UInt8>, _ group: StaticString, _ name: StaticString) throws(FormatError) -> UInt64? {
    var (start, line) = (0, 1)
    while start < bytes.count {
      let end = bytes.endOfLine(from: start)
      var index = start + group.utf8CodeUnitCount
      if bytes.hasPrefix(group, at: start), index < end, bytes[index] == UInt8(ascii: ":") {
        index += 1
        while true {
          bytes.skipSpaces(&index)
          guard index < end else { break }
          let isWanted = bytes.hasPrefix(name, at: index) && bytes.isBlank(at: index + name.utf8CodeUnitCount)
          while index < end, bytes[index] > 0x20 { index += 1 }
          bytes.skipSpaces(&index)
          let place = index
          guard index < end, let value = bytes.decimal(&index) else {
            throw FormatError(bytes, at: place, lineStart: start, line: line, field: "\(group)", expected: "a number behind each name")
          }
          if isWanted { return value }
        }
      }
      (start, line) = (end + 1, line + 1)
    }
    return nil
  }
}

extension Span<UInt8> {
  fileprivate func isBlank(at index: Int) -> Bool { index < count && self[index] == 0x20 }
}
