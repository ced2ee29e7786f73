extension Int {
  /// `28,232`
  package var grouped: String {
    var text = ""
    for (index, digit) in String(magnitude).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + String(text.reversed())
  }
}

/// A bar of eighths of blocks: `██████▌     `.
package func bar(_ part: Int, of whole: Int, width: Int) -> String {
  guard whole > 0 else { return String(repeating: " ", count: width) }
  var eighths = min(part, whole) * width * 8 / whole
  if part > 0 { eighths = max(eighths, 1) }
  let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
  let text = String(repeating: "█", count: eighths / 8) + partial
  return text + String(repeating: "·", count: width - text.count)
}
