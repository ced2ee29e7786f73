internal import Glibc

/// An open file descriptor, closed with its owner.
package struct FileDescriptor: ~Copyable, Sendable {
  package let rawValue: Int32

  /// Takes over a descriptor that is already open.
  package init(owning rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Opens a regular file or a directory for reading, and never waits for it. The corresponding C functions are `open` and `fstat`.
  ///
  /// - Throws: `EINVAL` for a FIFO, a device or a socket: whoever can place a name below a path that is read could make the reader wait.
  package init(reading path: String) throws(SystemCallError) {
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    let file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
    guard try [S_IFREG, S_IFDIR].contains(file.type(path)) else { throw SystemCallError(call: "open", subject: path, code: EINVAL) }
    self = file
  }

  /// The corresponding C function is `open`.
  ///
  /// - Parameters:
  ///   - flags: `O_CLOEXEC` is added.
  ///   - mode: of a new file, narrowed by the umask.
  init(opening path: String, _ flags: Int32, mode: mode_t = 0) throws(SystemCallError) {
    var descriptor: Int32
    repeat {
      descriptor = unsafe open(path, flags | O_CLOEXEC, mode)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw .last("open", path) }
    rawValue = descriptor
  }

  /// The type bits of the file's mode, `S_IFREG`. The corresponding C function is `fstat`.
  private func type(_ path: String) throws(SystemCallError) -> mode_t {
    var status = stat()
    guard unsafe fstat(rawValue, &status) == 0 else { throw .last("fstat", path) }
    return status.st_mode & S_IFMT
  }

  deinit {
    _ = close(rawValue)
  }

  /// Hands the open descriptor to the caller, who closes it.
  consuming func take() -> Int32 {
    let descriptor = rawValue
    discard self
    return descriptor
  }

  /// Reads into `buffer` from `offset` on; 0 at the end of the file. The corresponding C function is `read`.
  package func read(into buffer: inout [UInt8], from offset: Int, path: String) throws(SystemCallError) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe Glibc.read(rawValue, bytes.baseAddress.map { unsafe $0 + offset }, bytes.count - offset)
      }
      if count >= 0 { return count }
      guard errno == EINTR else { throw .last("read", path) }
    }
  }
}
