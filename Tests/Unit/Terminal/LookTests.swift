import Terminal
import Testing

@Suite("What a terminal can show")
struct LookTests {
  @Test(
    "the environment says what a terminal can show",
    arguments: [
      (["TERM": "xterm-256color", "LANG": "en_US.UTF-8"], Look(colors: .all)),
      (["TERM": "xterm", "LC_ALL": "C.utf8"], Look(colors: .sixteen)),
      (["TERM": "xterm", "LC_ALL": "C", "LANG": "en_US.UTF-8"], Look(colors: .sixteen, isASCII: true)),
      (["TERM": "linux"], Look(colors: .sixteen, isASCII: true)),
      (["TERM": "xterm-kitty", "LC_CTYPE": "de_DE.UTF-8"], Look(colors: .all)),
      (["TERM": "xterm", "COLORTERM": "truecolor", "LANG": "C.UTF-8"], Look(colors: .all)),
      (["TERM": "xterm-256color", "NO_COLOR": "1", "LANG": "C.UTF-8"], Look(colors: .none)),
      (["TERM": "xterm-256color", "NO_COLOR": "", "LANG": "C.UTF-8"], Look(colors: .all)),
      (["TERM": "vt100", "LANG": "C.UTF-8"], Look(colors: .none)),
      (["TERM": "xterm", "LANG": "ca_ES.UTF-8@valencia"], Look(colors: .sixteen)),
      (["TERM": "dumb", "LANG": "C.UTF-8"], nil), (["TERM": ""], nil), ([:], nil),
    ] as [([String: String], Look?)])
  func environment(environment: [String: String], expected: Look?) {
    #expect(Look(environment: environment) == expected)
  }

  @Test(
    "plain text has no sequence, and each number of colours its own",
    arguments: [(nil, "a b"), (.some(.none), "␛[1ma␛[0m b"), (.sixteen, "␛[1;31ma␛[0m b"), (.all, "␛[1;38;5;167ma␛[0m b")]
      as [(Look.Colors?, String)])
  func sequences(colors: Look.Colors?, expected: String) {
    var line = StyledLine("a", .critical)
    line.add(" b")
    #expect(Renderer(colors).text(line).replacing("\u{1B}", with: "␛") == expected)
  }
}
