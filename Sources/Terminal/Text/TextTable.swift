/// Rows of cells in aligned columns, two blanks apart.
///
/// A cell takes any text, a control group's or another host's, and is as wide as its printable form.
package struct TextTable: Sendable, Hashable {
  package struct Column: Sendable, Hashable {
    let isRight: Bool
    /// Columns of the terminal that it takes at least.
    let width: Int

    package static let left = Column(isRight: false, width: 0)
    package static let right = Column(isRight: true, width: 0)
    package static func left(_ width: Int) -> Column { Column(isRight: false, width: width) }
    package static func right(_ width: Int) -> Column { Column(isRight: true, width: width) }
  }

  private let columns: [Column]
  private var rows: [Row] = []

  private struct Row: Sendable, Hashable {
    let cells: [PrintableText]
    let role: Style.Role
  }

  package init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Columns at the left, as many as the longest row has cells.
  package init(_ rows: [[String]]) {
    self.init(Array(repeating: .left, count: rows.map(\.count).max() ?? 0))
    for row in rows { add(row) }
  }

  /// A row may have fewer cells than there are columns.
  package mutating func add(_ cells: [String], _ role: Style.Role = .text) {
    rows.append(Row(cells: zip(columns, cells).map { PrintableText($1) }, role: role))
  }

  /// A line for each row, without blanks at its end. A cell is never cut: a number that is cut is a wrong one.
  package var lines: [StyledLine] {
    let widths = columns.indices.map { column in
      rows.reduce(columns[column].width) { max($0, $1.cells.count > column ? $1.cells[column].columns : 0) }
    }
    return rows.map { row in
      var line = StyledLine()
      var start = 0
      for (cell, (column, width)) in zip(row.cells, zip(columns, widths)) {
        if !cell.text.isEmpty {
          line.pad(to: start + (column.isRight ? width - cell.columns : 0), row.role)
          line.add(cell, style: Style(row.role))
        }
        start += width + 2
      }
      return line
    }
  }
}
