import KernelFormats
import Testing

@Suite("Errors with a place")
struct FormatErrorTests {
  @Test("an error is one line: file, line, column, field, what was expected and what was found")
  func sentence() {
    let error = FormatError(line: 3, column: 16, field: "local port", expected: "4 hexadecimal digits", found: "\"1F9G\"")
    #expect(
      error.at(source: "/proc/net/tcp").description == "/proc/net/tcp:3:16: local port: expected 4 hexadecimal digits, found \"1F9G\"")
    #expect(error.at(source: "tcp", line: 9).description == "tcp:9:16: local port: expected 4 hexadecimal digits, found \"1F9G\"")
  }

  @Test("a source without lines has only the byte as its place")
  func binary() {
    let error = FormatError(line: 0, column: 17, field: "length", expected: "16", found: "4")
    #expect(error.at(source: "inet_diag").description == "inet_diag:17: length: expected 16, found 4")
  }

  @Test(
    "what was found is shown in printable ASCII",
    arguments: [
      ([0x00, 0x1F, 0x7F, 0xFF], "\"\\x00\\x1f\\x7f\\xff\""),
      ([0x22, 0x5C, 0x41], "\"\\x22\\x5cA\""),
      ([0x41, 0x20, 0x42], "\"A\""),
      ([0x41, 0x09, 0x42], "\"A\\x09B\""),
      ([0xC3, 0xA4], "\"\\xc3\\xa4\""),
      ([0x0A], "end of line"),
    ] as [([UInt8], String)])
  func printable(bytes: [UInt8], found: String) {
    #expect(Self.found(bytes) == found)
  }

  @Test("what was found is cut at 40 characters, however long the file is")
  func long() {
    #expect(Self.found([UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000)) == "\"" + String(repeating: "x", count: 40) + "\"")
    #expect(Self.found([UInt8](repeating: 0, count: 1_000_000)) == "\"" + String(repeating: "\\x00", count: 10) + "\"")
    let mixed = [UInt8](repeating: UInt8(ascii: "x"), count: 38) + [0, 0]
    #expect(Self.found(mixed) == "\"" + String(repeating: "x", count: 38) + "\"", "no half of an escape, and no more than 40")
  }

  private static func found(_ bytes: [UInt8]) -> String? {
    do throws(FormatError) {
      _ = try SysctlFormats.portRange(bytes.span)
      return nil
    } catch {
      return error.found
    }
  }
}
