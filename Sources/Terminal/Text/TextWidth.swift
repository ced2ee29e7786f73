/// Fits text into columns of a terminal. Whatever comes out is printable: see ``PrintableText``.
package enum TextWidth {
  /// How many columns the text takes once it is printable.
  package static func columns(_ text: String) -> Int { PrintableText(text).columns }

  package static func printable(_ text: String) -> String { PrintableText(text).text }

  /// The text if it fits into `width` columns, else its beginning and `…`.
  package static func cut(_ text: String, to width: Int) -> String {
    let printable = PrintableText(text)
    guard printable.columns > width else { return printable.text }
    return width > 0 ? beginning(of: printable.text, width - 1) + "…" : ""
  }

  /// The text if it fits, else its beginning, `…`, and its end: the end of an address has the port.
  package static func cutInside(_ text: String, to width: Int) -> String {
    let printable = PrintableText(text)
    guard printable.columns > width else { return printable.text }
    guard width > 8 else { return cut(printable.text, to: width) }
    let end = PrintableText(end(of: printable.text, (width - 1) / 2))
    return beginning(of: printable.text, width - 1 - end.columns) + "…" + end.text
  }

  private static func beginning(of text: String, _ width: Int) -> String {
    let scalars = text.unicodeScalars
    var used = 0
    let end = scalars.firstIndex { scalar in
      used += PrintableText.Glyph(scalar).columns
      return used > width
    }
    return String(scalars[..<(end ?? scalars.endIndex)])
  }

  /// Never begins with a mark: what it stands on would be missing.
  private static func end(of text: String, _ width: Int) -> String {
    let scalars = text.unicodeScalars
    var (start, position, used) = (scalars.endIndex, scalars.endIndex, 0)
    while position > scalars.startIndex {
      position = scalars.index(before: position)
      let columns = PrintableText.Glyph(scalars[position]).columns
      used += columns
      guard used <= width else { break }
      if columns > 0 { start = position }
    }
    return String(scalars[start...])
  }

  /// The words of a text in lines of at most `width` columns; what does not fit into `lines` ends in `…`.
  package static func wrapped(_ text: String, to width: Int, lines limit: Int) -> [String] {
    var lines: [(text: String, columns: Int)] = []
    for word in printable(text).split(separator: " ") {
      let word = PrintableText(String(word))
      if let last = lines.last, last.columns + 1 + word.columns <= width {
        lines[lines.count - 1] = (last.text + " " + word.text, last.columns + 1 + word.columns)
      } else if lines.count < limit {
        lines.append((word.text, word.columns))
      } else {
        if !lines.isEmpty { lines[lines.count - 1].text += " …" }
        break
      }
    }
    return lines.map { cut($0.text, to: max(1, width)) }
  }

  /// The text at the left of `width` columns, cut if need be.
  package static func left(_ text: String, _ width: Int) -> String {
    let text = cut(text, to: width)
    return text + String(repeating: " ", count: max(0, width - columns(text)))
  }

  /// The text at the right of `width` columns, cut if need be.
  package static func right(_ text: String, _ width: Int) -> String {
    let text = cut(text, to: width)
    return String(repeating: " ", count: max(0, width - columns(text))) + text
  }
}
