import Testing

@testable import KernelFormats

@Suite("Eight bytes at a time")
struct EightByteTests {
  @Test("each byte in each place of eight digits is a digit or not, as it is by itself", arguments: 0..<8)
  func digits(place: Int) {
    for byte in UInt8.min...UInt8.max {
      for rest in [UInt8(ascii: "0"), UInt8(ascii: "9"), UInt8(ascii: "F"), UInt8(ascii: "a")] {
        var text = [UInt8](repeating: rest, count: 8)
        text[place] = byte
        let expected = UInt32(String(decoding: text, as: UTF8.self), radix: 16).flatMap { text.allSatisfy(Self.isDigit) ? $0 : nil }
        var index = 0
        #expect(text.span.hexadecimal8(&index) == expected, "\(text)")
        #expect(index == (expected == nil ? 0 : 8), "\(text)")
      }
    }
  }

  @Test("seven digits at the end are not eight")
  func tooShort() {
    let text = Array("x1234567".utf8)
    var index = 1
    #expect(text.span.hexadecimal8(&index) == nil)
    #expect(index == 1)
  }

  @Test("the end of a line is found at every distance, whatever stands around it")
  func endOfLine() {
    for length in 0..<40 {
      for filler in [0x00, 0x09, 0x0B, 0x20, 0x8A, 0xFF] as [UInt8] {
        let line = [UInt8](repeating: filler, count: length)
        #expect(line.span.endOfLine(from: 0) == length)
        #expect((line + [0x0A, 0x0A, filler]).span.endOfLine(from: 0) == length, "after \(length) times \(filler)")
        #expect(([0x0A] + line + [0x0A]).span.endOfLine(from: 1) == length + 1)
      }
    }
  }

  @Test("a word ends where the first space or control character stands", arguments: 0x00...0xFF as ClosedRange<UInt8>)
  func words(end: UInt8) {
    for length in 0..<20 {
      for filler in [0x21, 0x7F, 0x80, 0xFF] as [UInt8] {
        let word = [UInt8](repeating: filler, count: length)
        var index = 0
        (word + [end, 0x20]).span.skipVisible(&index)
        #expect(index == (end > 0x20 ? length + 1 : length), "\(end) after \(length) times \(filler)")
      }
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { "0123456789abcdefABCDEF".utf8.contains(byte) }
}
