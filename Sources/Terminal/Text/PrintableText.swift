/// Text that a terminal shows and does not obey, and how many columns it takes.
///
/// Names come from other users and other hosts: a process, a control group or a namespace can be called so that its name moves the cursor, turns the
/// line around or hides what follows. Everything printed goes through here once, when it enters a line or a cell; what is not shown as a
/// character of its own becomes `\x1b`, `\u202e`, `\U000e0001`. Printable text is unchanged. Linear in the length of the text.
package struct PrintableText: Sendable, Hashable {
  package let text: String
  package let columns: Int

  package init(_ raw: String) {
    if raw.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) {
      (text, columns) = (raw, raw.utf8.count)
      return
    }
    // Bytes: appending a text to a view of scalars copies the view.
    var (result, columns, room, isChanged) = ([UInt8](), 0, 0, false)
    result.reserveCapacity(raw.utf8.count)
    for scalar in raw.unicodeScalars {
      switch Glyph(scalar) {
      case .character(let width):
        result.append(contentsOf: String(scalar).utf8)
        (columns, room) = (columns + width, Self.marksPerCharacter)
      case .mark where room > 0:
        result.append(contentsOf: String(scalar).utf8)
        room -= 1
      case .mark, .unprintable:
        let escape = Self.escape(scalar)
        result.append(contentsOf: escape.utf8)
        (columns, room, isChanged) = (columns + escape.utf8.count, 0, true)
      }
    }
    text = isChanged ? String(decoding: result, as: UTF8.self) : raw
    self.columns = columns
  }

  /// Enough for every script. A mark has no width, so without a limit a short text could be a long one.
  private static let marksPerCharacter = 4

  /// `\x1b`, `\u202e`, `\U000e0001`: the scalar's number in 2, 4 or 8 hexadecimal digits.
  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    let (prefix, width) = scalar.value < 0x100 ? ("\\x", 2) : scalar.value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
    return prefix + String(repeating: "0", count: width - digits.utf8.count) + digits
  }

  /// What a terminal makes of a Unicode scalar. Not of a grapheme cluster: terminals place scalars, and a cluster has no greatest length.
  enum Glyph {
    /// Takes 1 or 2 columns.
    case character(Int)
    /// Stands on the character before it: combining marks, and the vowels and finals of Hangul written letter by letter.
    case mark
    /// Is obeyed, is invisible, or is not known to this version of Unicode: controls, overrides and isolates of the writing direction, joiners and
    /// other format characters, variation selectors, fillers, line separators, private use.
    case unprintable

    init(_ scalar: Unicode.Scalar) {
      // ASCII, dashes and quotation marks, arrows, box drawing and blocks: nearly all of what is drawn.
      switch scalar.value {
      case 0x20...0x7E, 0x2010...0x2027, 0x2190...0x2319, 0x2500...0x25FC:
        self = .character(1)
        return
      default: break
      }
      let properties = scalar.properties
      guard !properties.isDefaultIgnorableCodePoint else {
        self = .unprintable
        return
      }
      switch properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: self = .unprintable
      case .nonspacingMark, .enclosingMark: self = .mark
      default: self = Self.isJoining(scalar.value) ? .mark : .character(Self.isWide(scalar) ? 2 : 1)
      }
    }

    /// 0 for what adds no column of its own.
    var columns: Int { if case .character(let width) = self { width } else { 0 } }

    /// Unicode: Hangul_Syllable_Type V and T.
    private static func isJoining(_ value: UInt32) -> Bool { 0x1160...0x11FF ~= value || 0xD7B0...0xD7FF ~= value }

    /// Unicode: East_Asian_Width W and F. Of the emoji these are the ones shown as pictures by default, but not the letters of flags.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
      guard scalar.value >= 0x1100 else { return false }
      if scalar.properties.isEmojiPresentation { return !(0x1F1E6...0x1F1FF ~= scalar.value) }
      return wide.contains { $0.contains(scalar.value) }
    }

    private static let wide: [ClosedRange<UInt32>] = [
      0x1100...0x115F, 0x2329...0x232A, 0x2630...0x2637, 0x268A...0x268F, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0xA4C6,
      0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x16FE0...0x18DFF, 0x1AFF0...0x1B2FB, 0x1D300...0x1D376, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]
  }
}
