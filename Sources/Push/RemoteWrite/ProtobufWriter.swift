/// A protocol buffers message under construction.
///
/// <https://protobuf.dev/programming-guides/encoding/>: each field is a key, `number << 3 | wire type`, and its value.
struct ProtobufWriter: Sendable {
  private(set) var bytes: [UInt8] = []

  init() {}

  /// A `string`, `bytes` or message field.
  mutating func field(_ number: UInt64, _ content: some Collection<UInt8>) {
    key(number, wireType: 2)
    varint(UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  /// A `string` field.
  mutating func field(_ number: UInt64, _ text: String) { field(number, text.utf8) }

  /// A `double` field, bit for bit: staleness markers are a particular NaN.
  mutating func field(_ number: UInt64, double value: Double) {
    key(number, wireType: 1)
    var bits = value.bitPattern
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
    }
  }

  /// An `int64` or enum field.
  mutating func field(_ number: UInt64, integer value: Int64) {
    key(number, wireType: 0)
    varint(UInt64(bitPattern: value))
  }

  /// Fields that are encoded already.
  mutating func append(_ encoded: [UInt8]) { bytes.append(contentsOf: encoded) }

  private mutating func key(_ number: UInt64, wireType: UInt64) { varint(number << 3 | wireType) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
