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
