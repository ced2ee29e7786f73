import Terminal
import Testing

@Suite("Keys")
struct KeyReaderTests {
  @Test(
    "bytes become keys",
    arguments: [
      ("q", [Key.character("q")]), ("\u{1B}[A\u{1B}[B", [.up, .down]), ("\u{1B}OC\u{1B}OD", [.right, .left]),
      ("\t\u{1B}[Z", [.tab, .backTab]),
      ("\r\n", [.enter, .enter]), ("\u{7F}\u{8}", [.backspace, .backspace]), ("\u{C}", [.control("L")]),
      ("é漢🦊", [.character("é"), .character("漢"), .character("🦊")]),
      ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]), ("\u{1B}[H\u{1B}[4~", [.home, .end]), ("\u{1B}[200;5Rq", [.character("q")]),
      ("\u{1B}xq", [.character("q")]), ("\u{1B}\u{1B}[A", [.escape, .up]), ("\u{0}q", [.character("q")]),
    ])
  func keys(text: String, expected: [Key]) {
    var whole = KeyReader()
    #expect(whole.read(Array(text.utf8)) == expected)
    #expect(!whole.isWaiting)
    var piecemeal = KeyReader()
    #expect(text.utf8.flatMap { piecemeal.read([$0]) } == expected, "byte by byte")
  }

  @Test("an escape alone is a key only when nothing follows it")
  func escape() {
    var keys = KeyReader()
    #expect(keys.read([0x1B]) == [])
    #expect(keys.isWaiting)
    #expect(keys.finish() == [.escape])
    #expect(!keys.isWaiting)
    #expect(keys.read([0x1B]) == [])
    #expect(keys.read(Array("[A".utf8)) == [.up])
  }

  @Test("bytes that are no UTF-8 are passed over, and what never ends does not grow")
  func garbage() {
    var keys = KeyReader()
    #expect(keys.read([0xFF, 0xC3, 0x28, UInt8(ascii: "q")]) == [.character("q")])
    _ = keys.read([0x1B, UInt8(ascii: "[")] + [UInt8](repeating: UInt8(ascii: "1"), count: 5000))
    #expect(keys.read([UInt8(ascii: "m"), UInt8(ascii: "q")]).last == .character("q"))
  }
}
