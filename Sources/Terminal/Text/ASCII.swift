/// The same line for a terminal that shows ASCII only; each sign keeps its columns.
package enum ASCII {
  package static func line(_ line: StyledLine) -> StyledLine {
    var result = StyledLine()
    for run in line.runs { result.add(text(run.text), style: run.style) }
    return result
  }

  package static func text(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in PrintableText(text).text.unicodeScalars {
      if scalar.isASCII {
        result.append(scalar)
      } else if let sign = signs[scalar] {
        result.append(sign)
      } else {
        result.append(contentsOf: repeatElement("?", count: PrintableText.Glyph(scalar).columns))
      }
    }
    return String(result)
  }

  private static let signs: [Unicode.Scalar: Unicode.Scalar] = [
    "…": "~", "→": ">", "·": ".", "–": "-", "▸": ">", "▼": "v", "▲": "^", "■": "*", "│": "|", "▏": "-", "▎": "-", "▍": "-", "▌": "=",
    "▋": "=", "▊": "=", "▉": "=", "█": "#", "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "▀": "\"", "░": ".",
    "▒": ":", "▓": "+",
  ]
}
