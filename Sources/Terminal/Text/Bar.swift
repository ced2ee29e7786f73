internal import PortModel

/// A share as a bar of eighths: `███▌······`.
package enum Bar {
  package static func line(_ share: Double, width: Int) -> StyledLine {
    let (full, rest) = parts(share, width)
    var line = StyledLine(full, severity(share))
    line.add(rest, .dim)
    return line
  }

  /// The bar in one style, for a cell of a table.
  package static func text(_ share: Double, width: Int) -> String {
    let (full, rest) = parts(share, width)
    return full + rest
  }

  /// The colour of a share of a pool, by the thresholds of `PressureLevel`.
  package static func severity(_ share: Double) -> Style.Role {
    share >= PressureLevel.criticalShare ? .critical : share >= PressureLevel.warningShare ? .warning : .good
  }

  /// Anything above nothing is at least a sliver, and only what is full fills the bar.
  private static func parts(_ share: Double, _ width: Int) -> (full: String, rest: String) {
    guard width > 0 else { return ("", "") }
    let all = width * 8
    var eighths = Int((min(1, max(0, share)) * Double(all)).rounded())
    if share > 0 { eighths = max(1, eighths) }
    if share < 1 { eighths = min(all - 1, eighths) }
    let (full, part) = (eighths / 8, eighths % 8)
    return (
      String(repeating: "█", count: full) + (part > 0 ? partials[part - 1] : ""),
      String(repeating: "·", count: width - full - (part > 0 ? 1 : 0))
    )
  }

  private static let partials = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
}

/// A trend: `▁▁▂▃▅█`, the newest at the right.
package enum Sparkline {
  /// From the lowest value at the bottom to the highest at the top: how much that is shows in the bar next to it. A change of a few ports
  /// stays small.
  package static func line(_ values: [Int], width: Int) -> StyledLine {
    let shown = values.suffix(max(0, width))
    let bottom = shown.min() ?? 0
    let span = max(15, (shown.max() ?? 0) - bottom)
    var text = String(repeating: " ", count: max(0, width - shown.count))
    for value in shown {
      text += levels[(value - bottom) * (levels.count - 1) / span]
    }
    return StyledLine(text, .dim)
  }

  private static let levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
}
