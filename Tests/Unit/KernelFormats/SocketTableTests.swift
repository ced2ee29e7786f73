import KernelFormats
import PortModel
import Testing

@Suite("Socket tables")
struct SocketTableTests {
  @Test("lines as the kernel writes them become the sockets they tell of", arguments: RecordedTable.all)
  func recorded(table: RecordedTable) throws {
    let (records, line) = try SocketTableParser.records(of: table.text, table.format)
    #expect(records == table.records)
    #expect(line == table.records.count + 2)
  }

  @Test("a table that arrives in two pieces gives the same sockets, wherever it is cut", arguments: RecordedTable.all)
  func everyCut(table: RecordedTable) throws {
    for cut in 0...table.text.utf8.count {
      #expect(try SocketTableParser.records(of: table.text, table.format, cuts: [cut]).records == table.records, "cut at \(cut)")
    }
  }

  @Test("a table that arrives in many small pieces gives the same sockets", arguments: RecordedTable.all, [1, 2, 3, 7, 64, 149, 150, 151])
  func smallPieces(table: RecordedTable, size: Int) throws {
    let cuts = Array(stride(from: size, to: table.text.utf8.count, by: size))
    #expect(try SocketTableParser.records(of: table.text, table.format, cuts: cuts).records == table.records)
  }

  @Test(
    "a line longer than any the kernel writes is read in pieces as it is at once",
    arguments: [
      line(state: "01") + String(repeating: " 0", count: 500) + "\n", String(repeating: " ", count: 900) + line(state: "01") + "\n",
      String(repeating: "0", count: 1000),
    ])
  func longLine(line: String) throws {
    let text = Self.header + line
    let whole = (try? SocketTableParser.records(of: text, Self.format).records, SocketTableParser.error(in: text, Self.format)?.description)
    let cuts = Array(stride(from: 0, to: text.utf8.count, by: 129))
    let pieces = (
      try? SocketTableParser.records(of: text, Self.format, cuts: cuts).records,
      SocketTableParser.error(in: text, Self.format, cuts: cuts)?.description
    )
    #expect(whole == pieces)
  }

  @Test("a table with only its header has no sockets", arguments: RecordedTable.all)
  func headerOnly(table: RecordedTable) throws {
    #expect(try SocketTableParser.records(of: table.header + "\n", table.format).records.isEmpty)
  }

  @Test("a body that does not take a line gets it again, and nothing twice")
  func stopping() throws {
    let bytes = [UInt8](RecordedTable.tcp6.text.utf8)
    var parser = SocketTableParser(RecordedTable.tcp6.format)
    var first: [SocketRecord] = []
    let used = try parser.parse(bytes.span, isLast: true) { record in
      if record.state == .listen { first.append(record) }
      return record.state == .listen
    }
    #expect(first == Array(RecordedTable.tcp6.records.prefix(2)))
    #expect(parser.isStopped)
    #expect(parser.line == 4)
    var rest: [SocketRecord] = []
    let usedRest = try parser.parse(Array(bytes[used...]).span, isLast: true) { record in
      rest.append(record)
      return true
    }
    #expect(rest == Array(RecordedTable.tcp6.records.dropFirst(2)))
    #expect(!parser.isStopped)
    #expect(used + usedRest == bytes.count)
  }

  @Test("every state is kept by its number, those of newer kernels included", arguments: [0x00, 0x0C, 0x0D, 0x0E, 0x7F, 0xFF] as [UInt8])
  func unknownState(number: UInt8) throws {
    let digits = String(number, radix: 16, uppercase: true)
    let line = Self.line(state: digits.count == 1 ? "0" + digits : digits)
    let records = try SocketTableParser.records(of: Self.header + line + "\n", Self.format).records
    #expect(records.map(\.state) == [SocketState(rawValue: number)])
  }

  @Test("time is left only to TIME_WAIT, whatever other timers run", arguments: ["01", "02", "03", "04", "00"])
  func otherTimers(timer: String) throws {
    let line = Self.line(state: "01", timer: "\(timer):00001766")
    #expect(try SocketTableParser.records(of: Self.header + line + "\n", Self.format).records.map(\.timeWaitRemaining) == [0])
  }

  @Test("TIME_WAIT's timer is in hundredths of a second", arguments: [("00000000", 0), ("00001766", 59900), ("00001770", 60000)])
  func timeWait(digits: String, milliseconds: UInt32) throws {
    let line = Self.line(state: "06", timer: "03:\(digits)")
    #expect(try SocketTableParser.records(of: Self.header + line + "\n", Self.format).records.map(\.timeWaitRemaining) == [milliseconds])
  }

  @Test(
    "FIN_WAIT2 has a time left where no program holds it any more",
    arguments: [("03:00001766", 59900), ("02:00001766", 0), ("00:00000000", 0)])
  func finWait2(timer: String, milliseconds: UInt32) throws {
    let line = Self.line(state: "05", timer: timer)
    #expect(try SocketTableParser.records(of: Self.header + line + "\n", Self.format).records.map(\.timeWaitRemaining) == [milliseconds])
  }

  @Test(
    "an unconnected socket on an IPv6 unicast address is IPv6-only, and no other is known to be",
    arguments: [
      ("B80D0120000000000000000005000000", "0A", true), ("B80D0120000000000000000005000000", "07", true),
      ("00000000000000000000000001000000", "0A", true), ("00000000000000000000000001000000", "01", false),
      ("00000000000000000000000001000000", "06", false), ("00000000000000000000000000000000", "0A", false),
      ("0000000000000000FFFF00000100007F", "0A", false), ("0000000000000000FFFF000000000000", "07", false),
    ])
  func isIPv6Only(local: String, state: String, isIPv6Only: Bool) throws {
    let line =
      "   0: \(local):9C40 00000000000000000000000000000000:0000 \(state) 00000000:00000000 00:00000000 00000000     0        0 7 1 0"
    let records = try SocketTableParser.records(of: RecordedTable.tcp6.header + "\n" + line + "\n", RecordedTable.tcp6.format).records
    #expect(records.map(\.isIPv6Only) == [isIPv6Only])
  }

  @Test("hexadecimal digits may be small, and numbers wide")
  func wide() throws {
    let line =
      "4294967296: 0a0200c0:c000 076433c6:1538 0a 00000000:00000000 00:00000000 00000000 4294967295        0 18446744073709551615 1"
    let record = try #require(try SocketTableParser.records(of: Self.header + line + "\n", Self.format).records.first)
    #expect(record.local == RecordedTable.address("192.0.2.10"))
    #expect(record.localPort == 49152)
    #expect(record.state == .listen)
    #expect(record.uid == .max)
    #expect(record.inode == .max)
  }

  static let format = RecordedTable.tcp.format
  static let header = RecordedTable.tcp.header + "\n"

  static func line(state: String, timer: String = "00:00000000") -> String {
    "   0: 0A0200C0:C000 076433C6:1538 \(state) 00000000:00000000 \(timer) 00000000     0        0 7 1 0000000000000000"
  }
}
