import Kernel
import LiveView
import Terminal
import TestSupport
import Testing

@Suite("What goes to the terminal")
struct TerminalTextTests {
  @Test("the first frame is whole, the next has only what changed, and an equal one has nothing")
  func differences() {
    var writer = ScreenWriter(.all)
    let first = String(decoding: writer.bytes(Frame(.busy(), .assumed, Look(colors: .all))), as: UTF8.self)
    #expect(first.hasPrefix("\u{1B}[?2026h") && first.hasSuffix("\u{1B}[?2026l"))
    #expect((1...24).allSatisfy { first.contains("\u{1B}[\($0);1H") })
    #expect(writer.bytes(Frame(.busy(), .assumed, Look(colors: .all))) == [])
    let next = String(decoding: writer.bytes(Frame(.busy(steps: 13), .assumed, Look(colors: .all))), as: UTF8.self)
    #expect(next.contains("\u{1B}[1;1H") && !next.contains("\u{1B}[24;1H") && !next.contains("\u{1B}[2J"))
    #expect(next.utf8.count < first.utf8.count / 2)
    #expect(!first.contains("60s\u{1B}[0m\u{1B}[K"), "the right edge must not be erased")
    writer.forget()
    #expect(String(decoding: writer.bytes(Frame(.busy(), .assumed, Look(colors: .all))), as: UTF8.self) == first)
  }

  @Test("each number of colours has its sequences", arguments: [Look.Colors.none, .sixteen, .all])
  func colors(colors: Look.Colors) throws {
    let renderer = Renderer(colors)
    let frame = Frame(.busy(), TerminalSize(columns: 80, rows: 24), Look(colors: colors))
    let text = frame.lines.map { renderer.text($0).replacing("\u{1B}", with: "␛") + "\n" }.joined()
    try Golden.expect(text, equals: "golden/top/ansi-\(colors.rawValue).txt")
    #expect(text.contains("38;5;") == (colors == .all))
    if colors == .none { #expect(!text.contains("␛[3") && !text.contains(";4")) }
  }

  @Test("batch lines are columns, the first look without rates")
  func batch() throws {
    var state = LiveState(subject: "web-17", interval: 2)
    var lines = [BatchLines.header]
    for step in 0..<2 {
      state.receive(Sample(.success(.busy(step: step)), at: Double(2 * step)))
      lines += BatchLines.lines(state)
    }
    state.receive(Sample(.success(.fleet), at: 4))
    lines += BatchLines.lines(state)
    try Golden.expect(lines.map { $0 + "\n" }.joined(), equals: "golden/top/batch.txt")
    #expect(lines.allSatisfy { $0.split(separator: " ").count >= 8 })
  }
}
