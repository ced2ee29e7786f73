internal import PortModel

/// A share as a bar of eighths: `███▌······`.
enum Bar {
  /// What is anything at all is at least a sliver, and only what is full fills the bar.
  static func line(_ share: Double, width: Int) -> StyledLine {
    var line = StyledLine()
    guard width > 0 else { return line }
    let all = width * 8
    var eighths = Int((min(1, max(0, share)) * Double(all)).rounded())
    if share > 0 { eighths = max(1, eighths) }
    if share < 1 { eighths = min(all - 1, eighths) }
    let (full, part) = (eighths / 8, eighths % 8)
    line.add(String(repeating: "█", count: full) + (part > 0 ? partials[part - 1] : ""), severity(share))
    line.add(String(repeating: "·", count: width - full - (part > 0 ? 1 : 0)), .dim)
    return line
  }

  /// By the thresholds of ``PressureLevel``.
  static func severity(_ share: Double) -> Style.Role {
    share >= PressureLevel.criticalShare ? .critical : share >= PressureLevel.warningShare ? .warning : .good
  }

  private static let partials = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
}
