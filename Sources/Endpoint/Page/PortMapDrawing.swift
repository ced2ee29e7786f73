/// A port map as lines on a grid: each port a cell, 256 to a row, and rows that begin at a multiple of 256, so that ports of one parity
/// stand in columns of their own.
struct PortMapDrawing {
  static let columns = 256

  let map: PortMap
  /// Cells of the first row that lie before the range.
  private let offset: Int

  init(_ map: PortMap) {
    self.map = map
    offset = map.first % Self.columns
  }

  /// How many rows there are.
  var rows: Int { (offset + map.kinds.count + Self.columns - 1) / Self.columns }

  /// The port in the first cell of a row that is in the range.
  func firstPort(ofRow row: Int) -> Int { max(map.first, map.first - offset + row * Self.columns) }

  /// The cells of one kind as the data of an SVG path to be stroked one cell wide. Drawn along rows or along columns, whichever takes
  /// fewer lines: connect() takes every second port, which is many lines along a row and few along a column.
  func path(of kind: PortKind) -> (data: String, isVertical: Bool) {
    let byRow = lines(of: kind, outer: rows, inner: Self.columns) { line, place in line * Self.columns + place }
    let byColumn = lines(of: kind, outer: Self.columns, inner: rows) { line, place in place * Self.columns + line }
    return byColumn.count < byRow.count ? (data(byColumn, isVertical: true), true) : (data(byRow, isVertical: false), false)
  }

  /// The cells outside the range, before its first port and after its last, as path data along rows.
  var outside: String {
    var data = offset > 0 ? "M0 0h\(offset)" : ""
    let filled = (offset + map.kinds.count) % Self.columns
    if filled > 0 { data += "M\(filled) \(rows - 1)h\(Self.columns - filled)" }
    return data
  }

  private struct Line {
    let line: Int
    let start: Int
    let length: Int
  }

  private func lines(of kind: PortKind, outer: Int, inner: Int, cell: (Int, Int) -> Int) -> [Line] {
    var lines: [Line] = []
    for line in 0..<outer {
      var start: Int?
      for place in 0...inner {
        let index = place < inner ? cell(line, place) - offset : -1
        let isKind = map.kinds.indices.contains(index) && map.kinds[index] == kind
        if isKind, start == nil { start = place }
        if !isKind, let begin = start {
          lines.append(Line(line: line, start: begin, length: place - begin))
          start = nil
        }
      }
    }
    return lines
  }

  /// The first line of a row is placed absolutely, the others relative to the end of the one before: `M3 5h1m1 0h2`.
  private func data(_ lines: [Line], isVertical: Bool) -> String {
    var data = ""
    var last: (line: Int, end: Int)?
    for line in lines {
      if let last, last.line == line.line {
        let gap = line.start - last.end
        data += isVertical ? "m0 \(gap)" : "m\(gap) 0"
      } else {
        data += isVertical ? "M\(line.line) \(line.start)" : "M\(line.start) \(line.line)"
      }
      data += isVertical ? "v\(line.length)" : "h\(line.length)"
      last = (line.line, line.start + line.length)
    }
    return data
  }
}
