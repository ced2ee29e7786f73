extension WebConfigReader {
  /// What to do about an unknown key: the nearest known one, the place where the key belongs, or all that are known here.
  static func hint(for key: String, known: [String], at path: String) -> String {
    if let home = keys.first(where: { $0.keys.contains(key) && $0.mapping != path }) {
      return home.mapping.isEmpty ? "it belongs at the top of the file" : "it belongs under \(home.mapping)"
    }
    if let near = closest(key, known) { return "did you mean \"\(near)\"?" }
    return "known are \(known.joined(separator: ", "))"
  }

  /// The name that differs least, when it differs by less than half.
  static func closest(_ text: String, _ names: [String]) -> String? {
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
