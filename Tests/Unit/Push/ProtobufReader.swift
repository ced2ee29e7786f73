import Testing

/// The fields of a protocol buffers message, in order.
struct ProtobufReader {
  enum Value: Equatable {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes([UInt8])
  }

  let fields: [(number: UInt64, value: Value)]

  init(_ bytes: [UInt8]) throws {
    var fields: [(UInt64, Value)] = []
    var rest = bytes[...]
    func varint() throws -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), through: 63, by: 7) {
        let first = rest.popFirst()
        let byte = try #require(first)
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
      }
      throw TooLong()
    }
    while !rest.isEmpty {
      let key = try varint()
      switch key & 7 {
      case 0: fields.append((key >> 3, .varint(try varint())))
      case 1:
        try #require(rest.count >= 8)
        fields.append((key >> 3, .fixed64(rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })))
        rest = rest.dropFirst(8)
      case 2:
        let count = Int(try varint())
        try #require(rest.count >= count)
        fields.append((key >> 3, .bytes(Array(rest.prefix(count)))))
        rest = rest.dropFirst(count)
      default: throw TooLong()
      }
    }
    self.fields = fields
  }

  /// The embedded messages with this number.
  func messages(_ number: UInt64) throws -> [ProtobufReader] {
    try fields.compactMap { field in
      guard field.number == number, case .bytes(let bytes) = field.value else { return nil }
      return try ProtobufReader(bytes)
    }
  }

  /// The text with this number; empty when there is none.
  func text(_ number: UInt64) -> String {
    for field in fields where field.number == number {
      if case .bytes(let bytes) = field.value { return String(decoding: bytes, as: UTF8.self) }
    }
    return ""
  }

  func value(_ number: UInt64) -> Value? { fields.first { $0.number == number }?.value }

  private struct TooLong: Error {}
}
