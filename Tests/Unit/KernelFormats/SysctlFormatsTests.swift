import KernelFormats
import PortModel
import Testing

@Suite("Settings")
struct SysctlFormatsTests {
  @Test(
    "ip_local_port_range has two inclusive numbers",
    arguments: [
      ("32768\t60999\n", 32768, 60999), ("1024 65535\n", 1024, 65535), ("0\t65535\n", 0, 65535), ("40000 40000", 40000, 40000),
      ("  40000 \t 40099 \n\n", 40000, 40099), ("00040000\t40099\n", 40000, 40099),
    ] as [(String, Port, Port)])
  func portRange(text: String, first: Port, last: Port) throws {
    #expect(try SysctlFormats.portRange(Array(text.utf8).span) == PortRange(first: first, last: last))
  }

  @Test(
    "a range that is none is named with its place",
    arguments: [
      ("", 1, "first port", "a port number, 0 to 65535", "end of file"),
      ("\n", 1, "first port", "a port number, 0 to 65535", "end of line"),
      ("rubbish\n", 1, "first port", "a port number, 0 to 65535", "\"rubbish\""),
      ("-1 60999\n", 1, "first port", "a port number, 0 to 65535", "\"-1\""),
      ("65536\t65537\n", 1, "first port", "a port number, 0 to 65535", "\"65536\\x0965537\""),
      ("18446744073709551616 5\n", 1, "first port", "a port number, 0 to 65535", "\"18446744073709551616\""),
      ("32768", 6, "last port", "a port number, 0 to 65535", "end of file"),
      ("32768\n", 6, "last port", "a port number, 0 to 65535", "end of line"),
      ("32768\t\n", 7, "last port", "a port number, 0 to 65535", "end of line"),
      ("32768-60999\n", 6, "last port", "a port number, 0 to 65535", "\"-60999\""),
      ("32768 65536\n", 7, "last port", "a port number, 0 to 65535", "\"65536\""),
      ("60999 32768\n", 7, "last port", "a port not below the first (60999)", "\"32768\""),
      ("32768 60999 1\n", 13, "port range", "nothing more", "\"1\""),
      ("32768 60999x\n", 12, "port range", "nothing more", "\"x\""),
      ("32768 60999\0\n", 12, "port range", "nothing more", "\"\\x00\""),
    ])
  func brokenRange(text: String, column: Int, field: String, expected: String, found: String) {
    #expect(
      Self.error { bytes throws(FormatError) in _ = try SysctlFormats.portRange(bytes) }(text)
        == FormatError(column: column, field: field, expected: expected, found: found))
  }

  @Test(
    "ip_local_reserved_ports is a list of ports and ranges, in any order, which may overlap",
    arguments: [
      ("", ""), ("\n", ""), (" \n", ""),
      ("8080\n", "8080"), ("1,2-4,10-10\n", "1-4 10"), ("0,65535\n", "0 65535"), ("0-65535\n", "0-65535"),
      ("40010-40019,40015-40030,40031\n", "40010-40031"), ("9,8,7\n", "7-9"), ("5,5,5-5\n", "5"), ("1-3", "1-3"),
    ])
  func reserved(text: String, ranges: String) throws {
    let ports = try SysctlFormats.reservedPorts(Array(text.utf8).span)
    #expect(ports.ranges.map(\.description).joined(separator: " ") == ranges)
  }

  @Test(
    "a reserved list with rubbish is named with its place",
    arguments: [
      ("rubbish\n", 1, "reserved port", "a port number, 0 to 65535", "\"rubbish\""),
      (",\n", 1, "reserved port", "a port number, 0 to 65535", "\",\""),
      ("8080,\n", 6, "reserved port", "a port number, 0 to 65535", "end of line"),
      ("8080,,9090\n", 6, "reserved port", "a port number, 0 to 65535", "\",9090\""),
      ("8080, 9090\n", 6, "reserved port", "a port number, 0 to 65535", "\" 9090\""),
      ("8080 9090\n", 6, "reserved ports", "nothing more", "\"9090\""),
      ("8080;9090\n", 5, "reserved ports", "nothing more", "\";9090\""),
      ("65536\n", 1, "reserved port", "a port number, 0 to 65535", "\"65536\""),
      ("1-65536\n", 3, "reserved range", "a port number, 0 to 65535", "\"65536\""),
      ("1-\n", 3, "reserved range", "a port number, 0 to 65535", "end of line"),
      ("1-2-3\n", 4, "reserved ports", "nothing more", "\"-3\""),
      ("-5\n", 1, "reserved port", "a port number, 0 to 65535", "\"-5\""),
      ("1,40019-40010\n", 3, "reserved range", "a last port not below the first", "\"40019-40010\""),
    ])
  func brokenReserved(text: String, column: Int, field: String, expected: String, found: String) {
    #expect(
      Self.error { bytes throws(FormatError) in _ = try SysctlFormats.reservedPorts(bytes) }(text)
        == FormatError(column: column, field: field, expected: expected, found: found))
  }

  @Test(
    "a setting is one number",
    arguments: [("2\n", 2), ("0", 0), (" 1000 \n", 1000), ("18446744073709551615\n", .max)] as [(String, UInt64)])
  func number(text: String, value: UInt64) throws {
    #expect(try SysctlFormats.number(Array(text.utf8).span, field: "tcp_tw_reuse") == value)
  }

  @Test(
    "a setting that is no number, or too large a one, is named with its place",
    arguments: [
      ("", 1, "a number, 0 to 255", "end of file"), ("\n", 1, "a number, 0 to 255", "end of line"),
      ("on\n", 1, "a number, 0 to 255", "\"on\""), ("-1\n", 1, "a number, 0 to 255", "\"-1\""),
      ("256\n", 1, "a number, 0 to 255", "\"256\""), ("99999999999999999999\n", 1, "a number, 0 to 255", "\"99999999999999999999\""),
      ("2 2\n", 3, "nothing more", "\"2\""), ("2x\n", 2, "nothing more", "\"x\""),
    ])
  func brokenNumber(text: String, column: Int, expected: String, found: String) {
    #expect(
      Self.error { bytes throws(FormatError) in _ = try SysctlFormats.number(bytes, field: "tcp_tw_reuse", upTo: 255) }(text)
        == FormatError(column: column, field: "tcp_tw_reuse", expected: expected, found: found))
  }

  @Test("a setting without a largest value says so")
  func unbounded() {
    let error = Self.error { bytes throws(FormatError) in _ = try SysctlFormats.number(bytes, field: "n") }("x")
    #expect(error?.expected == "a number")
  }

  /// The error of a parser for a text; `nil` if there is none.
  private static func error(_ parse: @escaping (borrowing Span<UInt8>) throws(FormatError) -> Void) -> (String) -> FormatError? {
    { text in
      do throws(FormatError) {
        try parse(Array(text.utf8).span)
        return nil
      } catch {
        return error
      }
    }
  }
}
