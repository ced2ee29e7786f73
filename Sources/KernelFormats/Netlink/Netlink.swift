/// Numbers of the netlink protocol. Kernel: `include/uapi/linux/netlink.h`.
enum Netlink {
  static let headerSize = 16

  static let requestFlag: UInt16 = 0x1
  /// `NLM_F_ROOT | NLM_F_MATCH`: all entries.
  static let dumpFlags: UInt16 = 0x300
  /// The table changed during the dump, so that entries may be missing or repeated.
  static let dumpInterruptedFlag: UInt16 = 0x10

  static let errorType: UInt16 = 2
  static let doneType: UInt16 = 3

  /// Messages and attributes begin at multiples of four.
  @inline(__always)
  static func aligned(_ length: Int) -> Int { (length &+ 3) & ~3 }
}
