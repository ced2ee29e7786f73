internal import Glibc

/// Writes files that a reader sees whole or not at all.
package enum AtomicFile {
  /// Replaces the file at `path`, mode 0644: writes a file without a name in the same folder, syncs it, names it `portpool.prom.4f1a2b3c…` and renames
  /// that to `portpool.prom`. Nothing is left behind on failure, nor by a program that is killed before the file is whole.
  ///
  /// What is not a regular file cannot be replaced and stays: a device or FIFO is written into, and a symbolic link keeps leading to the file that is
  /// replaced.
  ///
  /// The corresponding C functions are `open` with `O_TMPFILE`, `write`, `fsync`, `linkat` and `rename`. Where the file system has no files without
  /// a name, the file has the second name from the start.
  package static func write(_ bytes: [UInt8], to path: String) throws(SystemCallError) {
    if let stream = try stream(path) { return try writeAll(bytes, to: stream.rawValue, subject: path) }
    try replace(try target(of: path), with: bytes)
  }

  /// What `path` leads to, open for writing, if it is neither a regular file nor absent.
  private static func stream(_ path: String) throws(SystemCallError) -> FileDescriptor? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG else { return try FileDescriptor(opening: path, O_WRONLY | O_NOCTTY) }
    guard isLink(path) else { return nil }
    // `/dev/stdout` where the shell sent that to a file: the file is open and is written to as it is, behind what it has.
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      var open = stat()
      if unsafe fstat(descriptor, &open) == 0, open.st_dev == status.st_dev, open.st_ino == status.st_ino {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .last("fcntl", path) }
        return FileDescriptor(owning: copy)
      }
    }
    return nil
  }

  /// The path of the file to replace: where a symbolic link leads. The corresponding C function is `realpath`.
  private static func target(of path: String) throws(SystemCallError) -> String {
    guard isLink(path) else { return path }
    guard let target = unsafe realpath(path, nil) else { throw .last("realpath", path) }
    defer { unsafe free(target) }
    return unsafe String(cString: target)
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private static func replace(_ path: String, with bytes: [UInt8]) throws(SystemCallError) {
    // Nobody can guess the name and place something there first.
    let temporary = "\(path).\(String(UInt64.random(in: .min ... .max), radix: 16))"
    if let nameless = try? FileDescriptor(opening: folder(of: path), O_WRONLY | nameless, mode: 0o644) {
      try fill(nameless, bytes, subject: temporary)
      guard unsafe linkat(AT_FDCWD, "/proc/self/fd/\(nameless.rawValue)", AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) == 0 else {
        throw .last("linkat", temporary)
      }
    } else {
      let named = try FileDescriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o644)
      do throws(SystemCallError) { try fill(named, bytes, subject: temporary) } catch {
        _ = unsafe unlink(temporary)
        throw error
      }
    }
    guard unsafe rename(temporary, path) == 0 else {
      let error = SystemCallError.last("rename", path)
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// `O_TMPFILE` of `include/uapi/asm-generic/fcntl.h`, which Glibc shows only with GNU extensions.
  private static let nameless = 0o20_000_000 | O_DIRECTORY

  private static func fill(_ file: borrowing FileDescriptor, _ bytes: [UInt8], subject: String) throws(SystemCallError) {
    try writeAll(bytes, to: file.rawValue, subject: subject)
    // The mode of a new file is narrowed by the umask, and the collector that reads it is another user.
    guard fchmod(file.rawValue, 0o644) == 0 else { throw SystemCallError.last("fchmod", subject) }
    guard fsync(file.rawValue) == 0 else { throw SystemCallError.last("fsync", subject) }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
