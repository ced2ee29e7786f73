/// Numbers of the netlink protocol. Kernel: `include/uapi/linux/netlink.h`.
enum Netlink {
  static let headerSize = 16

  static let requestFlag: UInt16 = 0x1
  /// The kernel says at the end how it went.
  static let acknowledgeFlag: UInt16 = 0x4
  /// `NLM_F_ROOT | NLM_F_MATCH`: all entries.
  static let dumpFlags: UInt16 = 0x300
  /// The table changed during the dump, so that entries may be missing or repeated.
  static let dumpInterruptedFlag: UInt16 = 0x10

  static let errorType: UInt16 = 2
  static let doneType: UInt16 = 3

  /// Messages and attributes begin at multiples of four.
  @inline(__always)
  static func aligned(_ length: Int) -> Int { (length &+ 3) & ~3 }

  /// A request: `struct nlmsghdr`, and what belongs to its type.
  static func request(_ type: UInt16, flags: UInt16 = requestFlag | dumpFlags, sequence: UInt32, _ body: [UInt8]) -> [UInt8] {
    var message: [UInt8] = []
    message.append(host: UInt32(headerSize + body.count))
    message.append(host: type)
    message.append(host: flags)
    message.append(host: sequence)
    message.append(host: UInt32(0))
    return message + body
  }
}

// Checked loads of numbers from binary messages. Out of bounds traps, so callers check lengths first.

extension Span<UInt8> {
  /// Two bytes in host order.
  @inline(__always)
  func load16(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: UInt16(self[offset]) | UInt16(self[offset &+ 1]) &<< 8)
  }

  /// Four bytes in host order.
  @inline(__always)
  func load32(_ offset: Int) -> UInt32 {
    // One check of the bounds for all four, so that they become one load.
    let bytes = extracting(offset..<offset &+ 4)
    return UInt32(
      littleEndian: UInt32(bytes[0]) | UInt32(bytes[1]) &<< 8 | UInt32(bytes[2]) &<< 16 | UInt32(bytes[3]) &<< 24)
  }

  /// Two bytes in network order.
  @inline(__always)
  func loadBig16(_ offset: Int) -> UInt16 { UInt16(bigEndian: load16(offset)) }

  /// Four bytes in network order.
  @inline(__always)
  func loadBig32(_ offset: Int) -> UInt32 { UInt32(bigEndian: load32(offset)) }

  /// Eight bytes in network order.
  @inline(__always)
  func loadBig64(_ offset: Int) -> UInt64 { UInt64(loadBig32(offset)) &<< 32 | UInt64(loadBig32(offset &+ 4)) }

  /// Eight bytes in host order.
  @inline(__always)
  func load64(_ offset: Int) -> UInt64 {
    let bytes = extracting(offset..<offset &+ 8)
    let low = UInt64(bytes[0]) | UInt64(bytes[1]) &<< 8 | UInt64(bytes[2]) &<< 16 | UInt64(bytes[3]) &<< 24
    let high = UInt64(bytes[4]) | UInt64(bytes[5]) &<< 8 | UInt64(bytes[6]) &<< 16 | UInt64(bytes[7]) &<< 24
    return UInt64(littleEndian: low | high &<< 32)
  }
}

extension [UInt8] {
  /// Appends a number in host order.
  mutating func append(host value: some FixedWidthInteger) {
    var rest = value
    let isLittle = UInt16(littleEndian: 1) == 1
    var bytes: [UInt8] = []
    for _ in 0..<value.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
    append(contentsOf: isLittle ? bytes : bytes.reversed())
  }
}
