/// Whose a process is and what it may do, from `/proc/PID/status`.
///
/// ```
/// Uid:	33	33	33	33
/// CapEff:	0000000000000000
/// ```
/// Kernel: `proc_pid_status` in `fs/proc/array.c`.
package struct ProcessStatusFormat: Sendable, Hashable {
  /// The effective user number, the second of the line `Uid:`.
  package let effectiveUser: UInt32
  /// The bits of the line `CapEff:`; bit 19 is `CAP_SYS_PTRACE`. Manual page: `capabilities(7)`.
  package let effectiveCapabilities: UInt64

  /// - Throws: a file without one of the two lines, or with something else than their numbers.
  package init(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    var (user, capabilities): (UInt32?, UInt64?) = (nil, nil)
    var (start, line) = (0, 1)
    while start < bytes.count {
      if bytes.hasPrefix("Uid:", at: start) {
        user = try Self.effectiveUser(bytes, start, line)
      } else if bytes.hasPrefix("CapEff:", at: start) {
        capabilities = try Self.mask(bytes, start, line)
      }
      (start, line) = (bytes.endOfLine(from: start) + 1, line + 1)
    }
    guard let user else {
      throw FormatError(bytes, at: bytes.count, lineStart: bytes.count, line: line, field: "Uid", expected: "a line with Uid")
    }
    guard let capabilities else {
      throw FormatError(bytes, at: bytes.count, lineStart: bytes.count, line: line, field: "CapEff", expected: "a line with CapEff")
    }
    effectiveUser = user
    effectiveCapabilities = capabilities
  }

  private static func effectiveUser(_ bytes: borrowing Span<UInt8>, _ start: Int, _ line: Int) throws(FormatError) -> UInt32 {
    var index = start + 4
    var value: UInt64 = 0
    for _ in 0..<2 {
      bytes.skipBlanks(&index)
      let place = index
      guard let number = bytes.decimal(&index), number <= UInt64(UInt32.max) else {
        throw FormatError(bytes, at: place, lineStart: start, line: line, field: "Uid", expected: "a user number")
      }
      value = number
    }
    return UInt32(truncatingIfNeeded: value)
  }

  private static func mask(_ bytes: borrowing Span<UInt8>, _ start: Int, _ line: Int) throws(FormatError) -> UInt64 {
    var index = start + 7
    bytes.skipBlanks(&index)
    let place = index
    guard let high = bytes.hexadecimal8(&index), let low = bytes.hexadecimal8(&index) else {
      throw FormatError(bytes, at: place, lineStart: start, line: line, field: "CapEff", expected: "16 hexadecimal digits")
    }
    return UInt64(high) << 32 | UInt64(low)
  }
}
