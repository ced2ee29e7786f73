import Testing

/// A strict reader of our own two formats, written apart from the writer: it takes no line that it does not fully understand.
struct ExpositionReader {
  struct Series: Hashable {
    let name: String
    let labels: [[UInt8]]
    let labelNames: [String]
  }

  struct Family {
    var name: String
    var help: [UInt8] = []
    var type = ""
    var unit: String?
    var series: [(key: Series, value: String)] = []
    var labelTexts: [[UInt8]] = []
  }

  private(set) var families: [Family] = []

  init(_ body: [UInt8], isOpenMetrics: Bool) throws {
    var lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    let rest = lines.removeLast()
    try #require(rest.isEmpty, "the last line ends in a line feed")
    if isOpenMetrics {
      let last = lines.popLast()
      try #require(last == Array("# EOF".utf8), "# EOF comes last")
    }
    for line in lines {
      try #require(!line.isEmpty, "there is no blank line")
      if line.starts(with: "# ".utf8) { try readMetadata(line) } else { try readSample(line) }
    }
    try checkOnce()
  }

  private mutating func readMetadata(_ line: [UInt8]) throws {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
    try #require(words.count == 4)
    let name = String(decoding: words[2], as: UTF8.self)
    let rest = Array(words[3])
    switch String(decoding: words[1], as: UTF8.self) {
    case "HELP":
      families.append(Family(name: name, help: try Self.unescape(rest)))
    case "TYPE":
      try #require(families.last?.name == name && families.last?.type == "")
      families[families.count - 1].type = String(decoding: rest, as: UTF8.self)
    case "UNIT":
      let unit = String(decoding: rest, as: UTF8.self)
      try #require(families.last?.name == name && name.hasSuffix("_\(unit)"))
      families[families.count - 1].unit = unit
    default:
      Issue.record("unknown comment \(String(decoding: line, as: UTF8.self))")
    }
  }

  private mutating func readSample(_ line: [UInt8]) throws {
    var position = line.firstIndex { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") } ?? line.count
    let name = String(decoding: line[..<position], as: UTF8.self)
    let family = try #require(families.last)
    let suffixes = family.type == "histogram" ? ["_bucket", "_sum", "_count"] : ["", "_total"]
    try #require(suffixes.contains { family.name + $0 == name }, "\(name) stands in its own family")
    var labels: [[UInt8]] = []
    var labelNames: [String] = []
    if position < line.count, line[position] == UInt8(ascii: "{") {
      repeat {
        position += 1
        let equals = try #require(line[position...].firstIndex(of: UInt8(ascii: "=")))
        labelNames.append(String(decoding: line[position..<equals], as: UTF8.self))
        try #require(line[equals + 1] == UInt8(ascii: "\""))
        var end = equals + 2
        while line[end] != UInt8(ascii: "\"") { end += line[end] == UInt8(ascii: "\\") ? 2 : 1 }
        labels.append(try Self.unescape(Array(line[(equals + 2)..<end])))
        position = end + 1
      } while line[position] == UInt8(ascii: ",")
      try #require(line[position] == UInt8(ascii: "}"))
      position += 1
    }
    try #require(line[position] == UInt8(ascii: " "))
    let value = String(decoding: line[(position + 1)...], as: UTF8.self)
    try #require(["NaN", "+Inf", "-Inf"].contains(value) || Double(value) != nil, "\(value) is a number and nothing follows it")
    families[families.count - 1].labelTexts.append(Array(line[..<position]))
    families[families.count - 1].series.append((Series(name: name, labels: labels, labelNames: labelNames), value))
  }

  /// Every family is there once, sorted; every series is there once; in every series of a family the labels have the same names.
  private func checkOnce() throws {
    let names = families.map(\.name)
    try #require(names == names.sorted() && Set(names).count == names.count)
    for family in families {
      try #require(!family.series.isEmpty && !family.type.isEmpty)
      try #require(Set(family.series.map(\.key)).count == family.series.count)
      guard family.type != "histogram" else { continue }
      try #require(zip(family.labelTexts, family.labelTexts.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }
  }

  private static func unescape(_ bytes: [UInt8]) throws -> [UInt8] {
    var result: [UInt8] = []
    var iterator = bytes.makeIterator()
    while let byte = iterator.next() {
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      let next = iterator.next()
      let escaped = try #require(next)
      try #require("\\\"n".utf8.contains(escaped))
      result.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
    }
    return result
  }
}
