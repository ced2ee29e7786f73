import Terminal
import TestSupport
import Testing

@Suite("Untrusted text in a terminal")
struct PrintableTextTests {
  @Test(
    "what a terminal obeys, or nobody sees, is written out",
    arguments: [
      ("\u{1B}[2J", "\\x1b[2J"), ("a\r\nb\tc", "a\\x0d\\x0ab\\x09c"), ("\u{7F}\u{9B}31m", "\\x7f\\x9b31m"), ("\u{0}", "\\x00"),
      ("invoice\u{202E}fdp", "invoice\\u202efdp"), ("\u{2066}\u{2069}\u{202A}\u{202C}", "\\u2066\\u2069\\u202a\\u202c"),
      ("\u{200E}\u{200F}\u{61C}", "\\u200e\\u200f\\u061c"), ("ad\u{200B}min\u{FEFF}", "ad\\u200bmin\\ufeff"),
      ("a\u{200D}b\u{2060}\u{AD}", "a\\u200db\\u2060\\xad"), ("a\u{2028}b\u{2029}", "a\\u2028b\\u2029"),
      ("\u{E0041}\u{E0001}", "\\U000e0041\\U000e0001"), ("\u{E000}\u{378}\u{FFFF}", "\\ue000\\u0378\\uffff"),
      ("❤\u{FE0F}\u{3164}\u{34F}", "❤\\ufe0f\\u3164\\u034f"),
    ])
  func escaped(raw: String, shown: String) {
    let printable = PrintableText(raw)
    #expect(printable.text == shown)
    #expect(PrintableText(printable.text) == printable, "escaping twice is escaping once")
  }

  @Test(
    "what is only text stays",
    arguments: ["", "nginx (pid 812)", "10.0.0.5 → 10.0.0.9:5432", "Ünïcode", "漢字", "עברית", "🦊", "e\u{301}", "a\\x1b"])
  func unchanged(text: String) {
    #expect(Array(PrintableText(text).text.utf8) == Array(text.utf8))
  }

  @Test(
    "a text's width is what a terminal makes of it",
    arguments: [
      ("", 0), ("abc", 3), ("漢字", 4), ("e\u{301}", 1), ("🦊", 2), ("🚀", 2), ("⌚", 2), ("→·█▀", 4), ("ｱ", 1), ("Ａ", 2), ("\u{1B}", 4),
      ("🇩🇪", 2), ("\u{1112}\u{1161}\u{11AB}", 2), ("한", 2), ("—…", 2),
    ])
  func widths(text: String, width: Int) {
    #expect(TextWidth.columns(text) == width)
    #expect(StyledLine(text).width == width)
  }

  @Test("a mark needs a character to stand on, and four are enough")
  func marks() {
    #expect(PrintableText("\u{301}a").text == "\\u0301a")
    #expect(PrintableText("\n\u{301}").text == "\\x0a\\u0301")
    let stacked = PrintableText("a" + String(repeating: "\u{301}", count: 6) + "b")
    #expect(stacked.text.unicodeScalars.elementsEqual("a\u{301}\u{301}\u{301}\u{301}\\u0301\\u0301b".unicodeScalars))
    #expect(stacked.columns == 14)
  }

  /// What is done with text that others chose.
  static let operations: [(String, @Sendable (String) -> Int)] = [
    ("printable", { PrintableText($0).columns }), ("line", { StyledLine($0).fitted(to: 80).width }),
    ("cut", { TextWidth.cut($0, to: 40).utf8.count }), ("cut inside", { TextWidth.cutInside($0, to: 40).utf8.count }),
    ("wrapped", { TextWidth.wrapped($0, to: 60, lines: 3).count }), ("ASCII", { ASCII.text($0).utf8.count }),
    ("table", { TextTable([[$0, "1"]]).lines[0].text.utf8.count }),
  ]

  @Test("four times the marks in a row take four times the time, not sixteen times", arguments: operations.indices, ["\u{301}", "\u{903}"])
  func linear(index: Int, mark: String) {
    let (name, operation) = Self.operations[index]
    let times = [20_000, 80_000].map { count in
      let text = "a" + String(repeating: mark, count: count)
      let begin = ProcessorTime.ofThread
      for _ in 0..<3 { #expect(operation(text) > 0) }
      return ProcessorTime.ofThread - begin
    }
    #expect(times[1] < times[0] * 10, "\(name): \(times)")
  }

  @Test("cutting keeps to the columns, whatever the text is made of")
  func cutting() {
    for text in [
      "10.0.0.5 → [2001:db8::1]:443", "漢字漢字漢字漢字漢字漢字", "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
      "a\u{202E}b\u{1B}[2Jc\u{7}d",
    ] {
      for width in 0...40 {
        let fits = TextWidth.columns(text) <= width
        for cut in [TextWidth.cut(text, to: width), TextWidth.cutInside(text, to: width)] {
          #expect(TextWidth.columns(cut) <= width)
          #expect(fits ? cut == TextWidth.printable(text) : width == 0 || cut.contains("…"))
        }
        #expect(TextWidth.columns(TextWidth.left(text, width)) == width && TextWidth.columns(TextWidth.right(text, width)) == width)
      }
    }
    #expect(TextWidth.cutInside("backend-7f9c.example.net:8443", to: 15) == "backend…et:8443")
  }
}
