internal import Glibc
internal import KernelFormats

/// Reads files below `/proc/sys`.
package enum Sysctl {
  /// Lists such as `ip_local_reserved_ports` are at most this long: every second port.
  private static let limit = 1 << 18

  /// The whole value, or `nil` when this kernel has no such setting.
  package static func bytes(of path: String) throws(SystemCallError) -> [UInt8]? {
    let file: FileDescriptor
    do { file = try FileDescriptor(reading: path) } catch {
      guard error.isNoSuchFile else { throw error }
      return nil
    }
    return try bytes(from: file.rawValue, path)
  }

  /// Writes a value, in the namespace of the calling thread. The corresponding C functions are `open` and `write`.
  package static func write(_ value: String, to path: String) throws(SystemCallError) {
    let file = try FileDescriptor(opening: path, O_WRONLY)
    let bytes = Array(value.utf8)
    guard unsafe Glibc.write(file.rawValue, bytes, bytes.count) == bytes.count else { throw .last("write", path) }
  }

  /// The number that is the value; `nil` if this kernel has no such setting or this process may not read it.
  ///
  /// The kernel keeps each of these as an `int` or `unsigned int`. A larger number is refused, so that whoever adds or doubles one cannot overflow.
  package static func numberIfReadable(_ path: String) throws(ReadError) -> UInt64? {
    try FileReader.valueIfReadable(of: path) { bytes throws(FormatError) in
      try SysctlFormats.number(bytes, field: "value", upTo: UInt64(UInt32.max))
    }
  }

  /// The whole value behind an open descriptor, as it is now.
  ///
  /// The kernel gives a setting in one `read` from the start or not at all: what does not fit is cut off. So a buffer that comes back full is read
  /// again into a larger one. The corresponding C function is `pread`. Kernel: `proc_do_large_bitmap` in `kernel/sysctl.c`.
  static func bytes(from descriptor: Int32, _ path: String) throws(SystemCallError) -> [UInt8] {
    var size = 4096
    while true {
      var buffer = [UInt8](repeating: 0, count: size)
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
      guard count >= 0 else {
        if errno == EINTR { continue }
        throw .last("read", path)
      }
      // The longest item is `65535-65535,`.
      if count > size - 16 {
        guard size < limit else { throw .tooLarge(path) }
        size *= 4
        continue
      }
      buffer.removeLast(size - count)
      return buffer
    }
  }
}

/// Settings of one namespace, opened on a thread that was in it, and readable on every thread from then on.
///
/// `/proc/sys/net` shows the namespace of whoever opens it, and an open file stays that namespace's: it always reads the present value, keeps no
/// namespace alive, and fails with `ENOENT` when its namespace has gone. (Verified with Linux 6.18.) A directory would do too, but every file opened
/// through it from another namespace is an entry in the kernel's cache that is never used again.
///
/// Kernel: `proc_sys_open`, `proc_sys_call_handler` in `fs/proc/proc_sysctl.c`.
package final class SysctlFiles: Sendable {
  private let descriptors: [String: Int32]
  private let directory: String

  /// Opens `names` below `directory` in the calling thread's namespace. What this kernel does not have is left out.
  package init(_ names: [String], in directory: String) throws(SystemCallError) {
    var opened: [String: Int32] = [:]
    for name in names {
      do {
        opened[name] = try FileDescriptor(reading: "\(directory)/\(name)").take()
      } catch {
        if error.isNoSuchFile { continue }
        for descriptor in opened.values { _ = close(descriptor) }
        throw error
      }
    }
    descriptors = opened
    self.directory = directory
  }

  deinit {
    for descriptor in descriptors.values { _ = close(descriptor) }
  }

  /// The value now, or `nil` when the kernel had no such setting.
  package func bytes(of name: String) throws(SystemCallError) -> [UInt8]? {
    guard let descriptor = descriptors[name] else { return nil }
    return try Sysctl.bytes(from: descriptor, "\(directory)/\(name)")
  }
}
