/// The users of `/etc/passwd`.
///
/// ```
/// www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
/// ```
/// Manual page: `passwd(5)`. A line that is of another form is passed over, as `getpwuid` does.
package enum PasswordFileFormat {
  /// The names by user number; of two lines with the same number the first one counts.
  package static func names(_ bytes: borrowing Span<UInt8>) -> [UInt32: String] {
    var names: [UInt32: String] = [:]
    var start = 0
    while start < bytes.count {
      let end = bytes.endOfLine(from: start)
      var index = start
      while index < end, bytes[index] != UInt8(ascii: ":") { index += 1 }
      let name = start..<index
      index += 1
      while index < end, bytes[index] != UInt8(ascii: ":") { index += 1 }
      index += 1
      if !name.isEmpty, index < end, let number = bytes.decimal(&index), number <= UInt64(UInt32.max),
        index < end, bytes[index] == UInt8(ascii: ":")
      {
        let user = UInt32(number)
        if names[user] == nil { names[user] = bytes.text(name) }
      }
      start = end + 1
    }
    return names
  }
}
