/// What `/proc/PID/stat` tells of a process's cost.
package struct ProcessStatFormat: Sendable, Hashable {
  /// User and system time, in clock ticks.
  package let cpuTicks: UInt64
  /// After boot, in clock ticks.
  package let startTicks: UInt64
  package let virtualBytes: UInt64
  package let residentPages: UInt64

  /// Reads `1234 (portpool) S 1 1234 …`: fields 14, 15, 22, 23 and 24, counted behind the last `)`, since the name may hold anything.
  ///
  /// Manual page: `proc_pid_stat(5)`.
  package init(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    var index = bytes.count - 1
    while index >= 0, bytes[index] != UInt8(ascii: ")") { index -= 1 }
    guard index >= 0 else { throw FormatError(bytes, at: 0, field: "comm", expected: "a name in parentheses") }
    index += 1
    var values = [UInt64](repeating: 0, count: 25)
    for field in 3...24 {
      bytes.skipSpaces(&index)
      let start = index
      if [14, 15, 22, 23, 24].contains(field) {
        guard let value = bytes.decimal(&index) else {
          throw FormatError(bytes, at: start, field: "field \(field)", expected: "a number")
        }
        values[field] = value
      } else {
        while index < bytes.count, bytes[index] > 0x20 { index += 1 }
      }
    }
    cpuTicks = values[14] &+ values[15]
    startTicks = values[22]
    virtualBytes = values[23]
    residentPages = values[24]
  }

  /// Reads the line `btime 1767225600` of `/proc/stat`: when the system started, in seconds since 1970.
  package static func bootTime(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt64 {
    var (start, line) = (0, 1)
    while start < bytes.count {
      if bytes.hasPrefix("btime ", at: start) {
        var index = start + 6
        if let value = bytes.decimal(&index) { return value }
        throw FormatError(bytes, at: start + 6, lineStart: start, line: line, field: "btime", expected: "a number")
      }
      (start, line) = (bytes.endOfLine(from: start) + 1, line + 1)
    }
    throw FormatError(bytes, at: bytes.count, lineStart: bytes.count, line: line, field: "btime", expected: "a line with btime")
  }
}
