internal import PortModel
internal import Terminal

/// The page behind `?`.
enum HelpSection {
  static func lines(_ height: Int) -> [StyledLine] {
    let blocks: [(String, [(String, String)])] = [
      (
        "KEYS",
        [
          ("q", "quit"), ("p space", "pause, resume"), ("r", "refresh now"), ("tab", "next pool, shift-tab the previous one"),
          ("n N", "next, previous namespace"), ("1-5 ← →", "overview, tuples, ports, owners, namespaces"),
          ("s S", "sort by the next column, reverse the order"), ("/", "filter; esc clears it"),
          ("↑ ↓ pgup pgdn g G", "scroll"), ("ctrl-l", "redraw"),
        ]
      ),
      (
        "WORDS",
        [
          ("tuple", "source, destination, port: connect() takes a port once for each"),
          ("left", "connects, binds or senders before the error"),
          ("rate", "ports a second since the last look"), ("back 15s 60s", "TIME_WAIT ports that return within that time"),
          ("listener", "a pool port that a server listens on"), ("bound", "a port that a program chose, or that is idle"),
          ("local", "a connection within this host"), ("client", "a connection to another host"),
          ("closing", "only TIME_WAIT and similar states"),
        ]
      ),
    ]
    let isAiry = height >= blocks.reduce(1) { $0 + $1.1.count + 1 }
    var lines: [StyledLine] = []
    for (title, entries) in blocks {
      if isAiry && !lines.isEmpty { lines.append(StyledLine()) }
      lines.append(StyledLine(" \(title)", .heading))
      for (name, meaning) in entries {
        var line = StyledLine("  ")
        line.add(TextWidth.left(name, 19), .strong)
        line.add(meaning)
        lines.append(line)
      }
    }
    return lines
  }
}
