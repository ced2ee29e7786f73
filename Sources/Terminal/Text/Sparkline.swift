/// A trend: `▁▁▂▃▅█`, the newest at the right.
package enum Sparkline {
  /// From the lowest value there was at the bottom to the highest at the top: the bar beside it tells how much that is. A change of a few
  /// ports stays small.
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
