internal import Glibc

/// Writes files that a reader sees whole or not at all.
package enum AtomicFile {
  /// Writes a file without a name in the folder of `path`, syncs it, names it `portpool.prom.1234` and renames that to `portpool.prom`,
  /// mode 0644. Nothing is left behind on failure, nor by a program that is killed before the file is whole.
  ///
  /// The corresponding C functions are `open` with `O_TMPFILE`, `write`, `fsync`, `linkat` and `rename`. Where the file system knows no
  /// file without a name, it has the second name from the start.
  package static func write(_ bytes: [UInt8], to path: String) throws(SystemCallError) {
    let temporary = "\(path).\(getpid())"
    let nameless = unsafe open(folder(of: path), O_WRONLY | nameless | O_CLOEXEC, 0o644)
    do throws(SystemCallError) {
      if nameless >= 0 {
        let file = FileDescriptor(owning: nameless)
        try fill(file, bytes, subject: temporary)
        // A program with this process id may have been killed between the next two calls.
        _ = unsafe unlink(temporary)
        guard unsafe linkat(AT_FDCWD, "/proc/self/fd/\(file.rawValue)", AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) == 0 else {
          throw SystemCallError.last("linkat", temporary)
        }
      } else {
        let named = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard named >= 0 else { throw SystemCallError.last("open", temporary) }
        try fill(FileDescriptor(owning: named), bytes, subject: temporary)
      }
      guard unsafe rename(temporary, path) == 0 else { throw SystemCallError.last("rename", path) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// `O_TMPFILE` of `include/uapi/asm-generic/fcntl.h`, which Glibc shows only to those who ask for GNU extensions.
  private static let nameless = 0o20_000_000 | O_DIRECTORY

  private static func fill(_ file: borrowing FileDescriptor, _ bytes: [UInt8], subject: String) throws(SystemCallError) {
    try writeAll(bytes, to: file.rawValue, subject: subject)
    // The mode of a new file is narrowed by the umask; the collector that reads it is another user.
    guard fchmod(file.rawValue, 0o644) == 0 else { throw SystemCallError.last("fchmod", subject) }
    guard fsync(file.rawValue) == 0 else { throw SystemCallError.last("fsync", subject) }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
