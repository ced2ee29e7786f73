import KernelFormats
import Testing

@Suite("Files about processes and totals")
struct ProcessFormatsTests {
  static let stat =
    "4242 (portpool) S 1 4242 4242 0 -1 4194560 1523 0 3 0 17 25 0 0 20 0 9 0 123456 402653184 4096 18446744073709551615 1 1 0 0 0 0\n"

  @Test(
    "a process's times and sizes are counted behind its name, which may hold anything",
    arguments: ["portpool", "a b", "a) S 1 (b", "", "1 2 3 4)", "ä\u{1}"])
  func stat(name: String) throws {
    let text = Self.stat.replacing("(portpool)", with: "(\(name))")
    let stat = try ProcessStatFormat(Array(text.utf8).span)
    #expect(stat.cpuTicks == 42)
    #expect(stat.startTicks == 123_456)
    #expect(stat.virtualBytes == 402_653_184)
    #expect(stat.residentPages == 4096)
  }

  @Test(
    "a broken stat file is named with its place",
    arguments: [
      ("", 1, "comm", "a name in parentheses", "end of file"), ("rubbish", 1, "comm", "a name in parentheses", "\"rubbish\""),
      ("1 (x) S 1\n", 10, "field 14", "a number", "end of line"),
      ("1 (x) S 2 3 4 5 6 7 8 9 10 11 12 x 14\n", 34, "field 15", "a number", "\"x\""),
    ])
  func brokenStat(text: String, column: Int, field: String, expected: String, found: String) {
    #expect(throws: FormatError(column: column, field: field, expected: expected, found: found)) {
      try ProcessStatFormat(Array(text.utf8).span)
    }
  }

  @Test("the system's start is a line of its own, somewhere in the file")
  func bootTime() throws {
    let text = "cpu  1 2 3\nintr 99 btime 7\nbtime 1767225600\nprocesses 12\n"
    #expect(try ProcessStatFormat.bootTime(Array(text.utf8).span) == 1_767_225_600)
    #expect(throws: FormatError(line: 2, column: 7, field: "btime", expected: "a number", found: "\"x\"")) {
      try ProcessStatFormat.bootTime(Array("cpu 1\nbtime x\n".utf8).span)
    }
    #expect(throws: FormatError(line: 2, column: 1, field: "btime", expected: "a line with btime", found: "end of file")) {
      try ProcessStatFormat.bootTime(Array("cpu 1\n".utf8).span)
    }
  }

  @Test("sockstat counts sockets of either protocol, and those in TIME_WAIT")
  func sockstat() throws {
    let text = """
      sockets: used 105
      TCP: inuse 77 orphan 1 tw 12 alloc 110 mem 181
      UDP: inuse 5 mem 0
      UDPLITE: inuse 9
      RAW: inuse 3
      FRAG: inuse 2 memory 0

      """
    let totals = try #require(try SockstatFormat(Array(text.utf8).span))
    #expect([totals.tcp, totals.timeWait, totals.udp] == [77, 12, 5])
  }

  @Test("sockstat6 has the same numbers under other names, and no TIME_WAIT")
  func sockstat6() throws {
    let text = "TCP6: inuse 18\nUDP6: inuse 3\nUDPLITE6: inuse 7\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n"
    let totals = try #require(try SockstatFormat(Array(text.utf8).span))
    #expect([totals.tcp, totals.timeWait, totals.udp] == [18, 0, 3])
  }

  @Test("an empty sockstat counts nothing and is no fault")
  func emptySockstat() throws {
    #expect(try SockstatFormat([UInt8]().span) == nil)
  }

  @Test(
    "a sockstat without TCP, or with a number that is none, is named with its place",
    arguments: [
      ("UDP: inuse 5 mem 0\n", 2, 1, "TCP", "a line that begins with TCP", "end of file"),
      ("sockets: used 1\nTCP: inuse x orphan 0 tw 1\n", 2, 12, "inuse", "a number up to 2147483647", "\"x\""),
      ("TCP: inuse 1 orphan 0 tw -1 alloc 2\n", 1, 26, "tw", "a number up to 2147483647", "\"-1\""),
      ("TCP: inuse 2147483648 tw 0\n", 1, 12, "inuse", "a number up to 2147483647", "\"2147483648\""),
    ])
  func brokenSockstat(text: String, line: Int, column: Int, field: String, expected: String, found: String) {
    #expect(throws: FormatError(line: line, column: column, field: field, expected: expected, found: found)) {
      try SockstatFormat(Array(text.utf8).span)
    }
  }
}
