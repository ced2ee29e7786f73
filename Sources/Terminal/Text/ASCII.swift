/// The same line for a terminal that shows ASCII only; each sign keeps its columns.
package enum ASCII {
  package static func line(_ line: StyledLine) -> StyledLine {
    var result = StyledLine()
    for run in line.runs { result.add(text(run.text), style: run.style) }
    return result
  }

  package static func text(_ text: String) -> String {
    var result: [UInt8] = []
    for scalar in PrintableText(text).text.unicodeScalars {
      if let sign = scalar.isASCII ? scalar : signs[scalar] {
        result.append(UInt8(ascii: sign))
      } else {
        result.append(contentsOf: repeatElement(UInt8(ascii: "?"), count: PrintableText.Glyph(scalar).columns))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let signs: [Unicode.Scalar: Unicode.Scalar] = [
    "…": "~", "→": ">", "·": ".", "–": "-", "▸": ">", "▼": "v", "▲": "^", "■": "*", "│": "|", "▏": "-", "▎": "-", "▍": "-", "▌": "=",
    "▋": "=", "▊": "=", "▉": "=", "█": "#", "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "▀": "\"", "░": ".",
    "▒": ":", "▓": "+",
  ]
}
