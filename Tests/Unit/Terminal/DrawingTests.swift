import PortModel
import Terminal
import Testing

@Suite("Lines, tables and pages")
struct DrawingTests {
  private static let hostile = "evil\u{1B}[2J\u{202E}\u{7}"

  @Test("no entry lets a control or an override through, and no width is wrong for it")
  func entries() {
    var line = StyledLine(Self.hostile, .strong)
    line.add(Self.hostile, .critical)
    line.add(StyledLine(Self.hostile))
    var table = TextTable([.left, .right])
    table.add([Self.hostile, "1"], .warning)
    table.add(["calm", Self.hostile])
    let page = Page([Page.Section(Self.hostile, [line]), Page.Section(table.lines)])
    for text in page.lines.map(\.text) + [TextWidth.wrapped(Self.hostile, to: 40, lines: 2).joined(), ASCII.text(Self.hostile)] {
      #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && $0.value != 0x202E })
    }
    let written = String(decoding: Renderer(.sixteen).bytes(page), as: UTF8.self)
    #expect(!written.contains("\u{1B}[2J") && !written.contains("\u{202E}") && !written.contains("\u{7}"))
    #expect(written.contains("\u{1B}[1mevil\\x1b[2J\\u202e\\x07\u{1B}[0m"))
    #expect(page.lines.allSatisfy { TextWidth.columns($0.runs.map(\.text).joined()) == $0.width })
  }

  @Test("columns are aligned by what they take on the screen, without blanks at the end")
  func table() {
    var table = TextTable([.left, .right, .left])
    table.add(["NAME", "PORTS", ""], .dim)
    table.add(["漢字", "1,204", "x"])
    table.add(["e\u{301}t\u{301}", "7", ""])
    table.add(["🦊.service"])
    #expect(table.lines.map(\.text) == ["NAME        PORTS", "漢字        1,204  x", "e\u{301}t\u{301}              7", "🦊.service"])
    #expect(table.lines.map(\.width) == [17, 20, 17, 10])
    #expect(table.lines[0].runs.count == 1, "one style, one sequence")
  }

  @Test("a column is at least as wide as asked for, and a cell is never cut")
  func columns() {
    var table = TextTable([.left(6), .right(4), .left])
    table.add(["a", "1", "end"])
    #expect(table.lines.map(\.text) == ["a          1  end"])
    table.add(["much longer", "12345", "end"])
    #expect(table.lines.map(\.text) == ["a                1  end", "much longer  12345  end"])
    #expect(TextTable([["a", "bb"], ["ccc"]]).lines.map(\.text) == ["a    bb", "ccc"])
  }

  @Test("a page indents what has a title, leaves out what is empty, and keeps sections apart")
  func page() {
    let page = Page([
      Page.Section([StyledLine("verdict", .strong)]), Page.Section("EMPTY", []),
      Page.Section("SECTION", [StyledLine("one"), StyledLine(), StyledLine("two", .good)]),
    ])
    #expect(Renderer.plain.text(page.lines) == "verdict\n\nSECTION\n  one\n\n  two\n")
    #expect(
      Renderer(.sixteen).text(page.lines)
        == "\u{1B}[1mverdict\u{1B}[0m\n\n\u{1B}[2mSECTION\u{1B}[0m\n  one\n\n  \u{1B}[32mtwo\u{1B}[0m\n")
  }

  @Test(
    "a pool's colour is its pressure's",
    arguments: [(100, Style.Role.good), (51, .good), (50, .warning), (21, .warning), (20, .critical), (0, .critical)])
  func severity(headroom: Int, role: Style.Role) {
    #expect(Style.Role(PressureLevel(headroom: headroom, capacity: 100)) == role)
    #expect(Bar.severity(PressureLevel.share(headroom: headroom, capacity: 100)) == role)
  }

  @Test(
    "a bar shows the first port and keeps its last eighth for the last one",
    arguments: [(0.0, "····"), (0.001, "▏···"), (0.5, "██··"), (0.55, "██▎·"), (0.999, "███▉"), (1, "████"), (7, "████"), (-1, "····")])
  func bar(share: Double, text: String) {
    #expect(Bar.text(share, width: 4) == text)
    #expect(Bar.line(share, width: 4).text == text && Bar.line(share, width: 4).width == 4)
  }
}

@Suite("Numbers and times")
struct NumberTextTests {
  @Test(
    "thousands are grouped, for every kind of number",
    arguments: [
      (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (28_232, "28,232"), (1_234_567, "1,234,567"), (-1234, "-1,234"), (-999, "-999"),
    ])
  func count(number: Int, text: String) {
    #expect(NumberText.count(number) == text)
    if number >= 0 { #expect(NumberText.count(UInt64(number)) == text) }
  }

  @Test("the largest and smallest numbers have their text as well")
  func extremes() {
    #expect(NumberText.count(UInt64.max) == "18,446,744,073,709,551,615")
    #expect(NumberText.count(Int.min) == "-9,223,372,036,854,775,808")
  }

  @Test(
    "times are RFC 3339 in UTC",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1_767_324_604, "2026-01-02T03:30:04Z"), (951_782_400, "2000-02-29T00:00:00Z"),
      (-1, "1969-12-31T23:59:59Z"),
      (-62_135_596_801, "0000-12-31T23:59:59Z"), (.max, "9999-12-31T23:59:59Z"), (.min, "0000-01-01T00:00:00Z"),
    ] as [(Int64, String)])
  func timestamp(time: Int64, text: String) {
    #expect(NumberText.timestamp(time) == text)
    #expect(NumberText.clock(time) == text.suffix(9))
  }

  @Test("short times have a tenth", arguments: [(0, "0.0 s"), (4, "0.4 s"), (432, "43.2 s"), (600, "60.0 s")])
  func seconds(tenths: Int, text: String) { #expect(NumberText.seconds(tenths: tenths) == text) }
}
