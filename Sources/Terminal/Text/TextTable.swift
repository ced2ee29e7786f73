/// Rows of cells in aligned columns, two spaces apart.
package struct TextTable {
  package enum Alignment { case left, right }

  private let alignments: [Alignment]
  private var rows: [[String]] = []

  package init(_ alignments: [Alignment]) {
    self.alignments = alignments
  }

  /// A row may have fewer cells than there are columns.
  package mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The lines, without trailing spaces. Cells hold no escape sequences: `decorate` may add them to whole lines.
  package var lines: [String] {
    let widths = alignments.indices.map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return alignments[column] == .left ? cell + padding : padding + cell
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
