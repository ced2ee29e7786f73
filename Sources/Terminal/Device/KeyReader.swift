/// A key that was pressed.
package enum Key: Sendable, Hashable {
  case character(Character)
  case enter, escape, backspace, tab, backTab
  case up, down, left, right, pageUp, pageDown, home, end
  /// Ctrl and a letter: `control("L")`.
  case control(Character)
}

/// Turns a terminal's bytes into keys. A sequence may come in pieces.
package struct KeyReader: Sendable, Hashable {
  private var pending: [UInt8] = []

  package init() {}

  /// Whether an escape sequence, or a lone escape, waits for more. After a moment without more, ``finish()`` says which.
  package var isWaiting: Bool { !pending.isEmpty }

  /// The keys that are complete.
  package mutating func read(_ bytes: [UInt8]) -> [Key] {
    pending += bytes
    var keys: [Key] = []
    while let first = pending.first {
      let length: Int
      if first == 0x1B {
        guard let sequence = sequenceLength() else { break }
        length = sequence
        if let key = Self.key(sequence: pending[..<length]) { keys.append(key) }
      } else {
        length = Self.characterLength(first)
        guard pending.count >= length else { break }
        if let key = Self.key(character: pending[..<length]) { keys.append(key) }
      }
      pending.removeFirst(length)
    }
    return keys
  }

  /// Nothing more came: an escape alone was the key.
  package mutating func finish() -> [Key] {
    defer { pending = [] }
    return pending.first == 0x1B ? [.escape] : []
  }

  /// The bytes of the escape sequence that `pending` begins with; `nil` while it is not complete.
  private func sequenceLength() -> Int? {
    guard pending.count >= 2 else { return nil }
    switch pending[1] {
    case UInt8(ascii: "["):
      let final = pending.dropFirst(2).firstIndex { (0x40...0x7E).contains($0) }
      if let final { return final + 1 }
      // No terminal sends a sequence this long.
      return pending.count > 32 ? pending.count : nil
    case UInt8(ascii: "O"): return pending.count >= 3 ? 3 : nil
    case 0x1B: return 1
    default: return 2
    }
  }

  private static func key(sequence: ArraySlice<UInt8>) -> Key? {
    if sequence.count == 1 { return .escape }
    switch String(decoding: sequence.dropFirst(), as: UTF8.self) {
    case "[A", "OA": return .up
    case "[B", "OB": return .down
    case "[C", "OC": return .right
    case "[D", "OD": return .left
    case "[H", "OH", "[1~", "[7~": return .home
    case "[F", "OF", "[4~", "[8~": return .end
    case "[5~": return .pageUp
    case "[6~": return .pageDown
    case "[Z": return .backTab
    case "[3~": return .backspace
    case "OM": return .enter
    default: return nil
    }
  }

  private static func key(character bytes: ArraySlice<UInt8>) -> Key? {
    guard let first = bytes.first else { return nil }
    switch first {
    case 0x0A, 0x0D: return .enter
    case 0x09: return .tab
    case 0x08, 0x7F: return .backspace
    case 0x01...0x1A: return .control(Character(Unicode.Scalar(first + 0x40)))
    case 0x00, 0x1C...0x1F: return nil
    default:
      guard let character = String(validating: bytes, as: UTF8.self)?.first else { return nil }
      return .character(character)
    }
  }

  private static func characterLength(_ first: UInt8) -> Int {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }
}
