/// Walks over the attributes between two places of a message: length and type, two bytes each, then the value.
///
/// It does not keep the message, which it is given at each step, and so is a plain value:
///
/// ```
/// var attributes = NetlinkAttributes(start, end)
/// while let attribute = attributes.next(in: bytes) { … }
/// ```
struct NetlinkAttributes {
  private var place: Int
  private let end: Int
  /// Where an attribute is that has no length, or a greater one than there is room; `nil` if all are whole.
  private(set) var broken: Int?

  @inline(__always)
  init(_ start: Int, _ end: Int) {
    place = start
    self.end = end
  }

  @inline(__always)
  init(_ range: Range<Int>) { self.init(range.lowerBound, range.upperBound) }

  /// The type without the flags for nesting and byte order, and where the value is; `nil` at the end, and from a broken one on.
  @inline(__always)
  mutating func next(in bytes: borrowing Span<UInt8>) -> (type: UInt16, value: Range<Int>)? {
    guard end &- place >= 4 else {
      if place < end { broken = place }
      place = end
      return nil
    }
    let length = Int(bytes.load16(place))
    guard length >= 4, length <= end &- place else {
      broken = place
      place = end
      return nil
    }
    let start = place
    place &+= Netlink.aligned(length)
    return (bytes.load16(start &+ 2) & 0x3FFF, start &+ 4..<start &+ length)
  }
}
