internal import PortModel

/// A port map as text: a letter for each run of ports, followed by its length if that is more than one.
///
/// `.480LC3.2T` is 480 free ports, a listener, three clients, two free ports, one that only TIME_WAIT holds.
enum PortMapText {
  static func text(of cells: [PortUse]) -> String {
    var text = ""
    var start = 0
    while start < cells.count {
      let cell = cells[start]
      let end = cells[start...].firstIndex { $0 != cell } ?? cells.count
      text.append(cell.letter)
      if end - start > 1 { text += "\(end - start)" }
      start = end
    }
    return text
  }

  /// The cells of a text; `nil` if they are not exactly `count`, or a letter is unknown.
  static func cells(of text: String, count: Int) -> [PortUse]? {
    var cells: [PortUse] = []
    cells.reserveCapacity(count)
    var rest = text.utf8[...]
    while let letter = rest.popFirst() {
      guard let cell = uses[letter] else { return nil }
      let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      rest = rest[digits.endIndex...]
      guard let length = digits.isEmpty ? 1 : Int(Substring(digits)), length > 0, length <= count - cells.count else { return nil }
      cells += repeatElement(cell, count: length)
    }
    return cells.count == count ? cells : nil
  }

  /// By ASCII letter.
  private static let uses = Dictionary(
    uniqueKeysWithValues: PortUse.allCases.compactMap { use in use.letter.asciiValue.map { ($0, use) } })
}
