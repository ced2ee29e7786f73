/// The same line for a terminal that shows ASCII only; each sign keeps its one column.
package enum ASCII {
  package static func line(_ line: StyledLine) -> StyledLine {
    var result = StyledLine()
    for run in line.runs { result.add(text(run.text), style: run.style) }
    return result
  }

  package static func text(_ text: String) -> String {
    var result = ""
    for character in text {
      if character.isASCII {
        result.append(character)
      } else {
        result += signs[character] ?? String(repeating: "?", count: TextWidth.columns(character))
      }
    }
    return result
  }

  private static let signs: [Character: String] = [
    "…": "~", "→": ">", "·": ".", "–": "-", "▸": ">", "▼": "v", "▲": "^", "■": "*", "│": "|", "▏": "-", "▎": "-", "▍": "-", "▌": "=",
    "▋": "=", "▊": "=", "▉": "=", "█": "#", "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "▀": "\"", "░": ".",
    "▒": ":", "▓": "+",
  ]
}
