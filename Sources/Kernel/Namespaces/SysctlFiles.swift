internal import Glibc

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
      let descriptor = unsafe open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC)
      if descriptor >= 0 {
        opened[name] = descriptor
        continue
      }
      let error = SystemCallError.last("open", "\(directory)/\(name)")
      if error.isNoSuchFile { continue }
      for descriptor in opened.values { _ = close(descriptor) }
      throw error
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
