import Testing

/// Unpacks the snappy block format, by its description and apart from the writer: every tag it defines, every offset checked.
enum SnappyReader {
  static func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
    var position = 0
    func next() throws -> Int {
      try #require(position < bytes.count)
      position += 1
      return Int(bytes[position - 1])
    }
    func little(_ count: Int) throws -> Int {
      var value = 0
      for index in 0..<count { value |= try next() << (8 * index) }
      return value
    }
    var size = 0
    var shift = 0
    while true {
      let byte = try next()
      size |= (byte & 0x7F) << shift
      shift += 7
      if byte < 0x80 { break }
    }
    var output: [UInt8] = []
    while position < bytes.count {
      let tag = try next()
      var (length, offset) = (tag >> 2 + 1, 0)
      switch tag & 3 {
      case 0:
        if tag >> 2 >= 60 { length = try little(tag >> 2 - 59) + 1 }
        try #require(position + length <= bytes.count)
        output += bytes[position..<(position + length)]
        position += length
        continue
      case 1:
        length = (tag >> 2) & 7 + 4
        offset = (tag >> 5) << 8 | (try next())
      case 2: offset = try little(2)
      default: offset = try little(4)
      }
      try #require(offset > 0 && offset <= output.count)
      for _ in 0..<length { output.append(output[output.count - offset]) }
    }
    try #require(output.count == size)
    return output
  }
}
