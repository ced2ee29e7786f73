import KernelFormats
import PortModel
import Testing

/// A line in which one field is not what it should be, and what is said about it.
struct BrokenLine: Sendable, CustomTestStringConvertible {
  let text: String
  let column: Int
  let field: String
  let expected: String
  let found: String

  init(_ text: String, _ column: Int, _ field: String, _ expected: String, _ found: String) {
    (self.text, self.column, self.field, self.expected, self.found) = (text, column, field, expected, found)
  }

  var testDescription: String { "\(field): \(text)" }
}

@Suite("Broken socket tables")
struct BrokenSocketTableTests {
  static let rest = "00000000:00000000 00:00000000 00000000     0        0 7 1 0"

  static let lines: [BrokenLine] = [
    BrokenLine("", 1, "slot", "a number and a colon", "end of line"),
    BrokenLine("    ", 5, "slot", "a number and a colon", "end of line"),
    BrokenLine("   x: 0A0200C0:C000", 4, "slot", "a number and a colon", "\"x:\""),
    BrokenLine("   0 0A0200C0:C000", 5, "slot", "a number and a colon", "\" 0A0200C0:C000\""),
    BrokenLine("   0:", 6, "local address", "8 hexadecimal digits and a colon", "end of line"),
    BrokenLine("   0: 0A0200C:C000 076433C6:1538 01 \(rest)", 7, "local address", "8 hexadecimal digits and a colon", "\"0A0200C:C000\""),
    BrokenLine("   0: 0A0200G0:C000 076433C6:1538 01 \(rest)", 7, "local address", "8 hexadecimal digits and a colon", "\"0A0200G0:C000\""),
    BrokenLine("   0: 0A0200C0 C000 076433C6:1538 01 \(rest)", 7, "local address", "8 hexadecimal digits and a colon", "\"0A0200C0\""),
    BrokenLine("   0: 0A0200C0:C00 076433C6:1538 01 \(rest)", 16, "local port", "4 hexadecimal digits", "\"C00\""),
    BrokenLine("   0: 0A0200C0:1F9G 076433C6:1538 01 \(rest)", 16, "local port", "4 hexadecimal digits", "\"1F9G\""),
    BrokenLine("   0: 0A0200C0:1F900 076433C6:1538 01 \(rest)", 16, "local port", "4 hexadecimal digits", "\"1F900\""),
    BrokenLine("   0: 0A0200C0:C000", 16, "local port", "4 hexadecimal digits", "\"C000\""),
    BrokenLine("   0: 0A0200C0:C000 ", 21, "remote address", "8 hexadecimal digits and a colon", "end of line"),
    BrokenLine(
      "   0: 0A0200C0:C000 076433Z6:1538 01 \(rest)", 21, "remote address", "8 hexadecimal digits and a colon", "\"076433Z6:1538\""),
    BrokenLine("   0: 0A0200C0:C000 076433C6:-538 01 \(rest)", 30, "remote port", "4 hexadecimal digits", "\"-538\""),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 1 \(rest)", 35, "state", "2 hexadecimal digits", "\"1\""),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 XX \(rest)", 35, "state", "2 hexadecimal digits", "\"XX\""),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01", 37, "queues", "a value", "end of line"),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01 0:0", 41, "timer", "2 hexadecimal digits and a colon", "end of line"),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01 0:0 3:00000000", 42, "timer", "2 hexadecimal digits and a colon", "\"3:00000000\""),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01 0:0 03:1766 0", 45, "timer expiry", "8 hexadecimal digits", "\"1766\""),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01 0:0 03:00001766", 53, "retransmits", "a value", "end of line"),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01 0:0 00:00000000 0", 55, "uid", "a number", "end of line"),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01 0:0 00:00000000 0 root 0 7", 56, "uid", "a number", "\"root\""),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01 0:0 00:00000000 0 0", 57, "timeout", "a value", "end of line"),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01 0:0 00:00000000 0 0 0", 59, "inode", "a number", "end of line"),
    BrokenLine("   0: 0A0200C0:C000 076433C6:1538 01 0:0 00:00000000 0 0 0 -1", 60, "inode", "a number", "\"-1\""),
    BrokenLine(
      "   0: 0A0200C0:C000 076433C6:1538 01 0:0 00:00000000 0 0 0 18446744073709551616", 60, "inode", "a number",
      "\"18446744073709551616\""),
  ]

  @Test("a broken field is named with its line, its column and what was found", arguments: lines)
  func brokenField(line: BrokenLine) {
    let good = RecordedTable.tcp.rows[0].line + "\n"
    let text = RecordedTable.tcp.header + "\n" + good + line.text + "\n" + good
    #expect(
      SocketTableParser.error(in: text, RecordedTable.tcp.format)
        == FormatError(line: 3, column: line.column, field: line.field, expected: line.expected, found: line.found))
  }

  @Test("a broken line is found at the same place when the table arrives byte by byte", arguments: lines)
  func brokenFieldInPieces(line: BrokenLine) {
    let text = RecordedTable.tcp.header + "\n" + line.text + "\n"
    #expect(
      SocketTableParser.error(in: text, RecordedTable.tcp.format, cuts: Array(1..<text.utf8.count))
        == FormatError(line: 2, column: line.column, field: line.field, expected: line.expected, found: line.found))
  }

  @Test(
    "an IPv6 table wants 32 digits",
    arguments: [
      ("   0: 0A0200C0:C000 00000000:0000 0A \(rest)", 7, "local address", "\"0A0200C0:C000\""),
      ("   0: B80D012000000000000000000500000:C000 0 0A \(rest)", 7, "local address", "\"B80D012000000000000000000500000:C000\""),
      ("   0: B80D0120000000000000000005000000:C000 0:0 0A \(rest)", 45, "remote address", "\"0:0\""),
      ("   0: B80D01200000000000000000050000000:C000 0:0 0A \(rest)", 7, "local address", "\"B80D01200000000000000000050000000:C000\""),
    ])
  func shortIPv6(line: String, column: Int, field: String, found: String) {
    for table in [RecordedTable.tcp6, .udp6] {
      #expect(
        SocketTableParser.error(in: table.header + "\n" + line + "\n", table.format)
          == FormatError(line: 2, column: column, field: field, expected: "32 hexadecimal digits and a colon", found: found))
    }
  }

  @Test("a table that was cut off is refused at the cut, unless only whole lines are left", arguments: RecordedTable.all)
  func cutOff(table: RecordedTable) throws {
    let bytes = Array(table.text.utf8)
    let lineEnds = Set(bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 })
    for length in 0..<bytes.count where !lineEnds.contains(length) {
      let text = String(decoding: bytes[..<length], as: UTF8.self)
      let error = SocketTableParser.error(in: text, table.format)
      let wholeLines = text.utf8.count { $0 == UInt8(ascii: "\n") }
      #expect(error?.line == wholeLines + 1, "cut at \(length)")
      if wholeLines > 0 { #expect(error?.found.hasPrefix("end of file") == true || error?.found.hasPrefix("\"") == true) }
    }
    for length in lineEnds { #expect(SocketTableParser.error(in: String(decoding: bytes[..<length], as: UTF8.self), table.format) == nil) }
  }

  @Test("a last line without its line feed is refused, even when all its fields are there")
  func noLineFeed() {
    let line = RecordedTable.tcp.rows[1].line
    #expect(
      SocketTableParser.error(in: RecordedTable.tcp.header + "\n" + line, RecordedTable.tcp.format)
        == FormatError(line: 2, column: line.utf8.count + 1, field: "line", expected: "a line feed", found: "end of file"))
  }

  @Test("an empty file is no table", arguments: RecordedTable.all)
  func empty(table: RecordedTable) {
    #expect(
      SocketTableParser.error(in: "", table.format)
        == FormatError(line: 1, column: 1, field: "header", expected: "the table's header line", found: "end of file"))
  }

  @Test("a table without its header is refused, so that its first socket is not lost in silence", arguments: RecordedTable.all)
  func noHeader(table: RecordedTable) {
    let line = table.rows[0].line
    let firstWord = line.split(separator: " ")[0]
    let column = (line.utf8.firstIndex { $0 != 0x20 }).map { line.utf8.distance(from: line.utf8.startIndex, to: $0) + 1 }
    let error = SocketTableParser.error(in: line + "\n", table.format)
    #expect(error?.line == 1)
    #expect(error?.column == column)
    #expect(error?.field == "header")
    #expect(error?.found == "\"\(firstWord)\"")
  }

  @Test("sockets before a broken line have been told of, those behind it have not")
  func partial() {
    let rows = RecordedTable.tcp.rows
    let text = RecordedTable.tcp.header + "\n" + rows[0].line + "\n" + "rubbish\n" + rows[1].line + "\n"
    var parser = SocketTableParser(RecordedTable.tcp.format)
    var records: [SocketRecord] = []
    #expect(throws: FormatError.self) {
      try parser.parse(Array(text.utf8).span, isLast: true) { record in
        records.append(record)
        return true
      }
    }
    #expect(records == [rows[0].record])
  }
}
