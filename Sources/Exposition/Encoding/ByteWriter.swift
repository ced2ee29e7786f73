/// A body under construction: bytes, appended without building strings in between.
struct ByteWriter: Sendable {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func write(_ byte: UInt8) { bytes.append(byte) }

  mutating func write(_ other: [UInt8]) { bytes.append(contentsOf: other) }

  mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func write(contentsOf other: some Sequence<UInt8>) { bytes.append(contentsOf: other) }
}
