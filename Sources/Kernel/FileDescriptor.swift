internal import Glibc

/// An open file descriptor, closed when its owner goes.
package struct FileDescriptor: ~Copyable {
  package let rawValue: Int32

  /// Takes over a descriptor that is already open.
  package init(owning rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Opens a file for reading. The corresponding C function is `open`.
  package init(reading path: String) throws(SystemCallError) {
    var descriptor: Int32
    repeat {
      descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw .last("open", path) }
    rawValue = descriptor
  }

  deinit {
    _ = close(rawValue)
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
