internal import Glibc

/// What a symbolic link says, without going there.
package enum SymbolicLink {
  /// The link's text: `net:[4026531840]`. The corresponding C function is `readlink`.
  package static func target(of path: String) throws(SystemCallError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 256)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe bytes.baseAddress.map { unsafe readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? 0
      }
      guard count >= 0 else { throw .last("readlink", path) }
      // A text that fills the buffer may have been cut off; PATH_MAX is 4096.
      guard count == buffer.count, count < 4096 else {
        buffer.removeLast(buffer.count - count)
        return buffer
      }
      buffer = [UInt8](repeating: 0, count: buffer.count * 4)
    }
  }
}

/// What the descriptors of a process lead to: the links in `/proc/PID/fd`.
package enum DescriptorLinks {
  /// Calls `body` with the target of each link, as ``forEachNumbered(in:_:)`` does.
  package static func forEach(in path: String, _ body: (borrowing Span<UInt8>) -> Void) throws(SystemCallError) {
    try forEachNumbered(in: path) { _, link in body(link) }
  }

  /// Calls `body` with each descriptor's number and the target of its link, such as `socket:[12345]`, cut off after 63 bytes: what is longer is a file.
  ///
  /// A process may have a million descriptors, so nothing is kept and no path is walked twice. The corresponding C functions are `opendir`, `readdir` and
  /// `readlinkat`.
  ///
  /// - Throws: a directory that may not be read. One that goes while it is read has no more links.
  package static func forEachNumbered(
    in path: String, _ body: (_ number: Int32, borrowing Span<UInt8>) -> Void
  ) throws(SystemCallError) {
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
      let number = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe strtol(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), nil, 10)
      }
      // "." and "..", and a descriptor that has just been closed, are no links.
      if count > 0 { body(Int32(truncatingIfNeeded: number), buffer.span.extracting(first: count)) }
    }
  }
}
