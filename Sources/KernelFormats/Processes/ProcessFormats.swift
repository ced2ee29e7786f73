package import PortModel

/// What a process costs, from `/proc/PID/stat`.
package struct ProcessStatFormat: Sendable, Hashable {
  /// User and system time, in clock ticks.
  package let cpuTicks: UInt64
  /// After boot, in clock ticks.
  package let startTicks: UInt64
  package let virtualBytes: UInt64
  package let residentPages: UInt64

  /// Reads `1234 (portpool) S 1 1234 …`: fields 14, 15, 22, 23 and 24, counted behind the last `)`, since the name may hold anything.
  ///
  /// Manual page: `proc_pid_stat(5)`.
  package init(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    var index = bytes.count - 1
    while index >= 0, bytes[index] != UInt8(ascii: ")") { index -= 1 }
    guard index >= 0 else { throw FormatError(bytes, at: 0, field: "comm", expected: "a name in parentheses") }
    index += 1
    var values = [UInt64](repeating: 0, count: 25)
    for field in 3...24 {
      bytes.skipSpaces(&index)
      let start = index
      if [14, 15, 22, 23, 24].contains(field) {
        guard let value = bytes.decimal(&index) else {
          throw FormatError(bytes, at: start, field: "field \(field)", expected: "a number")
        }
        values[field] = value
      } else {
        while index < bytes.count, bytes[index] > 0x20 { index += 1 }
      }
    }
    cpuTicks = values[14] &+ values[15]
    startTicks = values[22]
    virtualBytes = values[23]
    residentPages = values[24]
  }

  /// Reads the line `btime 1767225600` of `/proc/stat`: when the system started, in seconds since 1970.
  package static func bootTime(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt64 {
    var lines = LineCursor()
    while let line = lines.next(in: bytes) {
      guard bytes.hasPrefix("btime ", at: line.start) else { continue }
      var index = line.start + 6
      if let value = bytes.decimal(&index) { return value }
      throw FormatError(bytes, at: line.start + 6, in: line, field: "btime", expected: "a number")
    }
    throw FormatError(missingFrom: bytes, lines: lines, field: "btime", expected: "a line with btime")
  }
}

/// The owner and the capabilities of a process, from `/proc/PID/status`.
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

  /// - Throws: a file without one of the two lines, or with anything but numbers in them.
  package init(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    var (user, capabilities): (UInt32?, UInt64?) = (nil, nil)
    var lines = LineCursor()
    while let line = lines.next(in: bytes) {
      if bytes.hasPrefix("Uid:", at: line.start) {
        user = try Self.effectiveUser(bytes, line)
      } else if bytes.hasPrefix("CapEff:", at: line.start) {
        capabilities = try Self.mask(bytes, line)
      }
    }
    guard let user else { throw FormatError(missingFrom: bytes, lines: lines, field: "Uid", expected: "a line with Uid") }
    guard let capabilities else {
      throw FormatError(missingFrom: bytes, lines: lines, field: "CapEff", expected: "a line with CapEff")
    }
    effectiveUser = user
    effectiveCapabilities = capabilities
  }

  private static func effectiveUser(_ bytes: borrowing Span<UInt8>, _ line: TextLine) throws(FormatError) -> UInt32 {
    var index = line.start + 4
    var value: UInt64 = 0
    for _ in 0..<2 {
      bytes.skipBlanks(&index)
      let place = index
      guard let number = bytes.decimal(&index), number <= UInt64(UInt32.max) else {
        throw FormatError(bytes, at: place, in: line, field: "Uid", expected: "a user number")
      }
      value = number
    }
    return UInt32(truncatingIfNeeded: value)
  }

  private static func mask(_ bytes: borrowing Span<UInt8>, _ line: TextLine) throws(FormatError) -> UInt64 {
    var index = line.start + 7
    bytes.skipBlanks(&index)
    let place = index
    guard let high = bytes.hexadecimal8(&index), let low = bytes.hexadecimal8(&index) else {
      throw FormatError(bytes, at: place, in: line, field: "CapEff", expected: "16 hexadecimal digits")
    }
    return UInt64(high) << 32 | UInt64(low)
  }
}

/// Parsers of the files that name a process. A program may put any bytes there.
package enum ProcessNameFormats {
  /// The name of `/proc/PID/comm`: `nginx`, at most 15 bytes and a line feed. Bytes that are not UTF-8 are repaired.
  ///
  /// Kernel: `comm_show` in `fs/proc/base.c`.
  package static func command(_ bytes: borrowing Span<UInt8>) -> String {
    let end = bytes.count > 0 && bytes[bytes.count - 1] == 0x0A ? bytes.count - 1 : bytes.count
    return bytes.text(0..<end)
  }

  /// The arguments of `/proc/PID/cmdline`: `nginx\0-g\0daemon off;\0`. Empty for a kernel thread and for a process that has ended.
  ///
  /// A program that writes its title over its arguments may leave zeros behind it; empty arguments at the end are left out.
  ///
  /// Kernel: `get_mm_cmdline` in `fs/proc/base.c`.
  package static func arguments(_ bytes: borrowing Span<UInt8>) -> [String] {
    var arguments: [String] = []
    var start = 0
    for index in 0..<bytes.count where bytes[index] == 0 {
      arguments.append(bytes.text(start..<index))
      start = index + 1
    }
    if start < bytes.count { arguments.append(bytes.text(start..<bytes.count)) }
    while arguments.last?.isEmpty == true { arguments.removeLast() }
    return arguments
  }
}

/// Parsers of the targets of symbolic links below `/proc/PID`.
package enum LinkFormats {
  /// The socket of `/proc/PID/fd/N`: `socket:[12345]`; `nil` when the descriptor is something else, such as a file.
  ///
  /// Kernel: `sockfs_dname` in `net/socket.c`. Manual page: `proc_pid_fd(5)`.
  package static func socketInode(_ bytes: borrowing Span<UInt8>) -> UInt64? { number(bytes, "socket:[") }

  /// The namespace of `/proc/PID/ns/net`: `net:[4026531840]`; `nil` when it is another kind of link.
  ///
  /// Kernel: `ns_get_name` in `fs/nsfs.c`. Manual page: `proc_pid_ns(5)`.
  package static func networkNamespace(_ bytes: borrowing Span<UInt8>) -> NetworkNamespaceID? {
    number(bytes, "net:[").map(NetworkNamespaceID.init(rawValue:))
  }

  private static func number(_ bytes: borrowing Span<UInt8>, _ prefix: StaticString) -> UInt64? {
    guard bytes.hasPrefix(prefix, at: 0) else { return nil }
    var index = prefix.utf8CodeUnitCount
    guard let value = bytes.decimal(&index), index == bytes.count - 1, bytes[index] == UInt8(ascii: "]") else { return nil }
    return value
  }
}
