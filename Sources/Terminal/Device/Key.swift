/// A key that was pressed.
package enum Key: Sendable, Hashable {
  case character(Character)
  case enter, escape, backspace, tab, backTab
  case up, down, left, right, pageUp, pageDown, home, end
  /// Ctrl and a letter: `control("L")`.
  case control(Character)
}
