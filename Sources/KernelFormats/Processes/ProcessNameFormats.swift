/// Parsers of the files that say what a process is called. A program may put any bytes there.
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
