/// The size of a terminal in character cells: 80 columns, 24 rows.
package struct TerminalSize: Sendable, Hashable {
  package let columns: Int
  package let rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// What a terminal that does not say is taken for.
  package static let assumed = TerminalSize(columns: 80, rows: 24)
}
