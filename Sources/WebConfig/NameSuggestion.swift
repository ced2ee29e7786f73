/// What somebody may have meant who wrote a name that does not exist.
package enum NameSuggestion {
  /// The name that differs least, if it differs by a third of its letters at most; `nil` for a text that resembles none.
  package static func closest(to text: String, among names: [String]) -> String? {
    guard text.utf8.count <= 64 else { return nil }
    let near = names.map { (name: $0, distance: distance(Array(text.lowercased().utf8), Array($0.lowercased().utf8))) }
      .min { $0.distance < $1.distance }
    guard let near, near.distance <= max(1, near.name.utf8.count / 3) else { return nil }
    return near.name
  }

  /// The number of letters to change, add or take away. Levenshtein
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in right.enumerated() {
        let change = diagonal + (letter == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(change, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
