import KernelFormats
import Testing

@Suite("Counters")
struct CounterFormatsTests {
  static let netstat = "TcpExt: TW TWRecycled TCPTimeWaitOverflow\nTcpExt: 4211 0 7\nIpExt: InOctets\nIpExt: -1\n"

  @Test(
    "a counter is found by group and name",
    arguments: [
      ("TcpExt", "TCPTimeWaitOverflow", 7), ("TcpExt", "TW", 4211), ("IpExt", "InOctets", -1), ("TcpExt", "Missing", nil),
      ("Tcp", "TW", nil),
      ("TcpExt", "TWRecycle", nil),
    ] as [(String, String, Int64?)])
  func netstat(group: String, name: String, value: Int64?) throws {
    #expect(try NetstatFormat.value(Array(Self.netstat.utf8).span, group, name) == value)
  }

  @Test(
    "names and numbers that do not match are named with their place",
    arguments: [
      ("TcpExt: A B\nTcpExt: 1\n", 2, 1), ("TcpExt: A\nTcpExt: x\n", 2, 9), ("TcpExt: A\nTcpExt: 1 2\n", 2, 1),
      ("IpExt: B\nTcpExt: A\nTcpExt: 1 2\n", 3, 1),
    ])
  func brokenNetstat(text: String, line: Int, column: Int) {
    let error = #expect(throws: FormatError.self) { _ = try NetstatFormat.value(Array(text.utf8).span, "TcpExt", "A") }
    #expect(error?.line == line && error?.column == column, "\(String(describing: error))")
  }

  @Test(
    "names without numbers, as gVisor has them, are no counter and no fault",
    arguments: [
      ("", nil), ("\n", nil), ("TcpExt: A\n", nil), ("TcpExt: A\nTcpExt:\n", nil), ("TcpExt: A\nIpExt: B\n", nil),
      ("IpExt: B\nTcpExt: A\nTcpExt: 7\n", 7), ("TcpExt: A\nIpExt: B\nIpExt: 5\nTcpExt: A\nTcpExt: 7\n", 7),
    ] as [(String, Int64?)])
  func namesAlone(text: String, value: Int64?) throws {
    #expect(try NetstatFormat.value(Array(text.utf8).span, "TcpExt", "A") == value)
  }

  @Test("connection tracking is summed over the processors")
  func conntrack() throws {
    let text = """
      entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new
      0000012c  00000000 00000000 00000000 00000007 00000000 00000000 00000000 00000000 00000003 00000001 00000010 00000000  00000000
      0000012c  00000000 00000000 00000000 00000007 00000000 00000000 00000000 00000000 0000000a 00000000 00000001 00000000  00000000

      """
    let stat = try ConntrackStatFormat(Array(text.utf8).span)
    #expect(stat.insertFailed == 13 && stat.dropped == 1 && stat.droppedEarly == 17)
  }

  @Test(
    "TCP sockets that programs have open are counted where the file tells",
    arguments: [
      ("TCP: inuse 41 orphan 0 tw 12 alloc 45 mem 3\n", 45), ("TCP6: inuse 3\n", nil),
    ] as [(String, UInt64?)])
  func allocated(text: String, count: UInt64?) throws {
    #expect(try SockstatFormat(Array(text.utf8).span)?.allocated == count)
  }

  @Test("a kernel that lacks a counter shows 0")
  func missing() throws {
    #expect(try ConntrackStatFormat(Array("entries drop\n1 2\n".utf8).span).insertFailed == 0)
  }

  @Test(
    "a broken file is named with its place",
    arguments: [
      ("", 1, 1, "names"), ("drop\n1\n", 1, 1, "names"), ("entries drop\n1\n", 2, 2, "drop"), ("entries drop\n1 xyz\n", 2, 3, "drop"),
      ("entries\n1\n\n", 3, 1, "entries"),
    ] as [(String, Int, Int, String)])
  func brokenConntrack(text: String, line: Int, column: Int, field: String) {
    let error = #expect(throws: FormatError.self) { try ConntrackStatFormat(Array(text.utf8).span) }
    #expect(error?.line == line && error?.column == column && error?.field == field, "\(String(describing: error))")
  }
}
