internal import Glibc

/// Writes files that a reader sees whole or not at all.
package enum AtomicFile {
  /// Writes beside `path`, syncs, and renames: `portpool.prom.1234` becomes `portpool.prom`, mode 0644. Nothing is left behind on failure.
  ///
  /// The corresponding C functions are `open`, `write`, `fsync` and `rename`.
  package static func write(_ bytes: [UInt8], to path: String) throws(SystemCallError) {
    let temporary = "\(path).\(getpid())"
    do throws(SystemCallError) {
      let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
      guard descriptor >= 0 else { throw SystemCallError.last("open", temporary) }
      let file = FileDescriptor(owning: descriptor)
      try writeAll(bytes, to: file.rawValue, subject: temporary)
      // The mode of a new file is narrowed by the umask; the collector that reads it is another user.
      guard fchmod(file.rawValue, 0o644) == 0 else { throw SystemCallError.last("fchmod", temporary) }
      guard fsync(file.rawValue) == 0 else { throw SystemCallError.last("fsync", temporary) }
      guard unsafe rename(temporary, path) == 0 else { throw SystemCallError.last("rename", path) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
  }
}
