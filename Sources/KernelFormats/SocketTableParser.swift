package import PortModel

/// Reads a socket table that arrives in pieces, without keeping any of it.
///
/// ```
///   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
///    0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1081 1 0000000000000000
/// ```
package struct SocketTableParser: Sendable {
  package let format: SocketTableFormat
  /// The line that is read next, from 1.
  package private(set) var line = 1
  /// The last call of a body did not take its line.
  package private(set) var isStopped = false

  package init(_ format: SocketTableFormat) {
    self.format = format
  }

  /// Calls `body` for each whole line of `bytes` and returns how many bytes those lines took. The rest comes again, with more behind it.
  ///
  /// - Parameters:
  ///   - isLast: nothing follows, so that a last line without its LF has been cut off.
  ///   - body: returns whether it takes the line; if not, that line is the first of the next call.
  /// - Throws: a line that is not of the documented form, an empty table, a table cut off in mid-line. The source is left to the caller.
  /// - Complexity: O(bytes); no allocation.
  package mutating func parse(
    _ bytes: borrowing Span<UInt8>, isLast: Bool, _ body: (SocketRecord) -> Bool
  ) throws(FormatError) -> Int {
    isStopped = false
    var start = 0
    while start < bytes.count {
      if line == 1 {
        let end = bytes.endOfLine(from: start)
        guard end < bytes.count else { break }
        try checkHeader(bytes)
        (line, start) = (2, end + 1)
        continue
      }
      // A line is read before its end is looked for: it is long, and its LF stands behind all that matters.
      if !isLast, bytes.count - start < Self.longestLine, bytes.endOfLine(from: start) == bytes.count { break }
      var index = start
      let record: SocketRecord
      do {
        record = try format.record(bytes, &index, lineStart: start)
      } catch {
        // What is wrong may be only that the rest of the line is still to come.
        if !isLast, bytes.endOfLine(from: start) == bytes.count { break }
        var error = error
        error.line = line
        throw error
      }
      let end = bytes.endOfLine(from: index)
      guard end < bytes.count else {
        guard isLast else { break }
        throw FormatError(bytes, at: end, lineStart: start, line: line, field: "line", expected: "a line feed")
      }
      guard body(record) else {
        isStopped = true
        return start
      }
      (line, start) = (line + 1, end + 1)
    }
    if isLast, line == 1 {
      throw FormatError(bytes, at: bytes.count, line: line, field: "header", expected: "the table's header line")
    }
    return start
  }

  /// Longer than any line the kernel writes (150 bytes in `tcp`, about 180 in `tcp6`).
  private static let longestLine = 512

  private func checkHeader(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    var index = 0
    bytes.skipSpaces(&index)
    guard bytes.hasPrefix("sl ", at: index) else {
      throw FormatError(bytes, at: index, line: line, field: "header", expected: "the table's header line (\"sl local_address …\")")
    }
  }
}
