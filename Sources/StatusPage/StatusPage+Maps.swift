internal import PortModel

extension StatusPage {
  /// The legend, and the order in which uses are named and drawn.
  private static let legend: [PortUse] = [.free, .client, .local, .listener, .bound, .closing, .reserved]

  /// Every port of the range as a cell, TCP first.
  func addMaps(of namespace: NamespaceSnapshot, to html: inout HTML) {
    guard let range = namespace.settings?.range else { return }
    let maps = [("TCP", namespace.tcp?.pressure?.usage), ("UDP", namespace.udp?.pressure?.usage)]
      .compactMap { name, usage in usage.map { (name: name, usage: $0) } }.filter { !$0.usage.map.isEmpty }
    guard !maps.isEmpty else { return }
    html.element(.h3, text: "Every port of the range")
    for map in maps { add(map.usage, PortMapDrawing(first: Int(range.first), uses: map.usage.map), named: map.name, to: &html) }
  }

  func add(_ usage: PortUsage, _ drawing: PortMapDrawing, named name: String, to html: inout HTML) {
    html.element(.figure) { html in
      html.element(.figcaption) { html in
        html.element(.b, text: "\(name) \(drawing.first) – \(drawing.last)")
        html.element(.span, ["class": "under", "aria-hidden": "true"])
      }
      html.element(.div, ["class": "map"]) { html in
        html.element(.div, ["class": "axis", "aria-hidden": "true"]) { html in
          for port in drawing.axis { html.element(.span, text: "\(port)") }
        }
        let counts = Self.legend.filter { usage[$0] > 0 }.map { "\(usage[$0].grouped) \($0.name)" }.joined(separator: ", ")
        html.element(
          .svg,
          [
            "role": "img", "viewBox": "0 0 \(PortMapDrawing.columns) \(drawing.rows)", "data-first": "\(drawing.first)",
            "data-last": "\(drawing.last)", "data-free": PortUse.free.name,
            "aria-label": "\(name) ports \(drawing.first) to \(drawing.last): \(counts)",
          ]
        ) { html in
          for use in Self.legend where use != .free && usage[use] > 0 { add(drawing.path(of: use), of: use, to: &html) }
          html.empty(.path, ["class": "lines", "d": drawing.grid])
          if !drawing.outside.isEmpty {
            html.empty(.path, ["class": "outside", "transform": "translate(0 .5)", "d": drawing.outside])
          }
        }
      }
      html.element(.ul, ["class": "legend"]) { html in
        for use in Self.legend { addLegend(use, usage[use], to: &html) }
      }
    }
  }

  /// The ports of one use. The script reads the name of the use from here.
  private func add(_ path: PortMapDrawing.Path, of use: PortUse, to html: inout HTML) {
    html.empty(
      .path,
      [
        "class": use.name, "data-use": use.name, "data-v": path.isVertical ? "" : nil,
        "transform": path.isVertical ? "translate(.5 0)" : "translate(0 .5)", "d": path.data,
      ])
  }

  private func addLegend(_ use: PortUse, _ count: Int, to html: inout HTML) {
    html.element(.li, ["class": count == 0 ? "zero" : nil]) { html in
      html.element(.span, ["class": "swatch \(use.name)"])
      html.element(.span) { html in
        html.element(.b, text: count.grouped)
        html.text(" \(use.name) ")
        html.element(.span, ["class": "note"], text: use.explanation)
      }
    }
  }
}

/// A map of ports as lines on a grid: each port is a cell, 256 to a row. Rows begin at a multiple of 256, so ports of one parity share
/// columns.
struct PortMapDrawing {
  static let columns = 256

  let first: Int
  let last: Int
  private let uses: [PortUse]
  /// Cells of the first row that lie before the range.
  private let offset: Int

  /// The drawing of the range that begins at `first` and has as many ports as `uses`.
  init(first: Int, uses: [PortUse]) {
    self.first = first
    last = first + uses.count - 1
    self.uses = uses
    offset = first % Self.columns
  }

  var rows: Int { (offset + uses.count + Self.columns - 1) / Self.columns }

  /// Up to five ports along the side, evenly apart.
  var axis: [Int] {
    guard rows > 8 else { return rows > 1 ? [first, last] : [first] }
    return (0..<4).map { max(first, first - offset + $0 * (rows - 1) / 4 * Self.columns) } + [last]
  }

  /// The data of an SVG path whose strokes are one cell wide.
  struct Path {
    let data: String
    let isVertical: Bool
  }

  /// The cells of one use. Drawn along rows or along columns, whichever takes fewer lines: connect() takes every second port, which is
  /// many lines along a row and few along a column.
  func path(of use: PortUse) -> Path {
    let byRow = lines(of: use, outer: rows, inner: Self.columns) { line, place in line * Self.columns + place }
    let byColumn = lines(of: use, outer: Self.columns, inner: rows) { line, place in place * Self.columns + line }
    return byColumn.count < byRow.count
      ? Path(data: data(byColumn, isVertical: true), isVertical: true) : Path(data: data(byRow, isVertical: false), isVertical: false)
  }

  /// Thin lines between the cells, drawn to and fro: `M1 0v111m1 0v-111`.
  var grid: String {
    var data = "M1 0v\(rows)"
    for column in 2..<Self.columns { data += "m1 0v\(column % 2 == 0 ? -rows : rows)" }
    guard rows > 1 else { return data }
    data += "M0 1h\(Self.columns)"
    for row in 2..<max(rows, 2) { data += "m0 1h\(row % 2 == 0 ? -Self.columns : Self.columns)" }
    return data
  }

  /// The cells of the first and the last row that are outside the range, along rows.
  var outside: String {
    var data = offset > 0 ? "M0 0h\(offset)" : ""
    let filled = (offset + uses.count) % Self.columns
    if filled > 0 { data += "M\(filled) \(rows - 1)h\(Self.columns - filled)" }
    return data
  }

  private struct Line {
    let line: Int
    let start: Int
    let length: Int
  }

  private func lines(of use: PortUse, outer: Int, inner: Int, cell: (Int, Int) -> Int) -> [Line] {
    var lines: [Line] = []
    for line in 0..<outer {
      var start: Int?
      for place in 0...inner {
        let index = place < inner ? cell(line, place) - offset : -1
        let isUse = uses.indices.contains(index) && uses[index] == use
        if isUse, start == nil { start = place }
        if !isUse, let begin = start {
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
