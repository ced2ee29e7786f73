/// Text that a program chose, made safe for a terminal: control characters and those that turn the direction of writing become `\x1b`, `\u202e`.
///
/// Any user can name a process so that its name moves the cursor or hides a line of whoever lists it.
package func printable(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0:
      result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
    case 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF:
      result += "\\u" + String(scalar.value, radix: 16)
    default:
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
