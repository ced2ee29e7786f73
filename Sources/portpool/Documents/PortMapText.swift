internal import PortModel

/// A port map as text: one letter for each run of ports, and how many they are where that is more than one.
///
/// `.480LC3.2T` is 480 free ports, a listener, three clients, two free ports, one that only waits in TIME_WAIT.
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

  /// The cells of a text; `nil` when they are not exactly `count`, or when it has a letter that is not known.
  static func cells(of text: String, count: Int) -> [PortUse]? {
    var cells: [PortUse] = []
    cells.reserveCapacity(count)
    var rest = text[...]
    while let letter = rest.popFirst() {
      guard let cell = PortUse.allCases.first(where: { $0.letter == letter }) else { return nil }
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest[digits.endIndex...]
      guard let length = digits.isEmpty ? 1 : Int(digits), (1...count).contains(length), cells.count + length <= count else { return nil }
      cells += repeatElement(cell, count: length)
    }
    return cells.count == count ? cells : nil
  }
}
