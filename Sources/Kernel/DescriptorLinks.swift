internal import Glibc

/// What the descriptors of a process lead to: the links in `/proc/PID/fd`.
package enum DescriptorLinks {
  /// Calls `body` with the target of each link, such as `socket:[12345]`, cut off after 63 bytes: what is longer is a file.
  ///
  /// A process may have a million descriptors, so nothing is kept and no path is walked twice. The corresponding C functions are `opendir`, `readdir` and
  /// `readlinkat`.
  ///
  /// - Throws: a directory that may not be read. One that goes while it is read has no more links.
  package static func forEach(in path: String, _ body: (borrowing Span<UInt8>) -> Void) throws(SystemCallError) {
    guard let stream = unsafe opendir(path) else { throw .last("opendir", path) }
    defer { unsafe closedir(stream) }
    let directory = unsafe dirfd(stream)
    var buffer = [UInt8](repeating: 0, count: 63)
    while let entry = unsafe readdir(stream) {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
          unsafe bytes.baseAddress.map { target in
            unsafe readlinkat(
              directory, UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), target.assumingMemoryBound(to: CChar.self), bytes.count
            )
          } ?? 0
        }
      }
      // "." and "..", and a descriptor that has just been closed, are no links.
      if count > 0 { body(buffer.span.extracting(first: count)) }
    }
  }
}
