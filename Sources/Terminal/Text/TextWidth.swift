/// How many columns of a terminal a text takes.
package enum TextWidth {
  package static func columns(_ text: String) -> Int { text.reduce(0) { $0 + columns($1) } }

  /// 0 for a mark that stands on another character, 2 for a wide one, else 1.
  package static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }
  }

  /// The text with `?` for each control character: names come from other hosts, and must not talk to the terminal.
  package static func printable(_ text: String) -> String {
    let isPrintable = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    guard !isPrintable else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "?" : scalar)
    }
    return String(result)
  }

  /// The text if it fits into `width` columns, else its beginning and `…`.
  package static func cut(_ text: String, to width: Int) -> String {
    guard columns(text) > width else { return text }
    guard width > 0 else { return "" }
    var (result, used) = ("", 0)
    for character in text {
      guard used + columns(character) < width else { break }
      result.append(character)
      used += columns(character)
    }
    return result + "…"
  }

  /// The text if it fits, else its beginning, `…`, and its end: the end of an address has the port.
  package static func cutInside(_ text: String, to width: Int) -> String {
    guard columns(text) > width else { return text }
    guard width > 8 else { return cut(text, to: width) }
    let end = text.suffix((width - 1) / 2)
    return cut(text, to: width - columns(String(end))) + end
  }

  /// The words of a text in lines of at most `width` columns; what does not fit into `lines` ends in `…`.
  package static func wrapped(_ text: String, to width: Int, lines limit: Int) -> [String] {
    var lines: [String] = []
    for word in printable(text).split(separator: " ") {
      if let last = lines.last, columns(last) + 1 + columns(String(word)) <= width {
        lines[lines.count - 1] = last + " " + word
      } else if lines.count < limit {
        lines.append(String(word))
      } else {
        lines[lines.count - 1] += " …"
        break
      }
    }
    return lines.map { cut($0, to: max(1, width)) }
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

  /// Unicode: East Asian Width W and F, and emoji.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
  ]
}
