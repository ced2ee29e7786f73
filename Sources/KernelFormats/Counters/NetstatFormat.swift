/// The counters of `/proc/net/netstat` and `/proc/net/snmp`: a line of names, then a line of numbers, both behind the group's name.
///
/// ```
/// TcpExt: SyncookiesSent … TW TWRecycled TWKilled …
/// TcpExt: 0 … 4211 0 0 …
/// ```
/// Kernel: `netstat_seq_show` in `net/ipv4/proc.c`. Which names there are differs from kernel to kernel.
package enum NetstatFormat {
  /// The value of one counter, which may be negative (`Tcp MaxConn -1`); `nil` when this kernel has none of that name.
  ///
  /// - Throws: a line of names that no line of as many numbers follows.
  package static func value(_ bytes: borrowing Span<UInt8>, _ group: String, _ name: String) throws(FormatError) -> Int64? {
    var (start, line) = (0, 1)
    while start < bytes.count {
      let end = bytes.endOfLine(from: start)
      let names = bytes.words(start, end)
      let next = end + 1
      let nextEnd = bytes.endOfLine(from: min(next, bytes.count))
      let values = next < bytes.count ? bytes.words(next, nextEnd) : []
      guard let first = names.first, values.count == names.count, bytes.text(first) == bytes.text(values[0]) else {
        throw FormatError(
          bytes, at: min(next, bytes.count), lineStart: min(next, bytes.count), line: line + 1, field: "values",
          expected: "as many numbers as the line above has names")
      }
      if bytes.text(first) == group + ":", let place = names.firstIndex(where: { bytes.text($0) == name }) {
        guard let value = Int64(bytes.text(values[place])) else {
          throw FormatError(bytes, at: values[place].lowerBound, lineStart: next, line: line + 1, field: name, expected: "a number")
        }
        return value
      }
      (start, line) = (nextEnd + 1, line + 2)
    }
    return nil
  }
}
