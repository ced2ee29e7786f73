/// Reads whole files of `/proc`.
package enum FileReader {
  /// The whole file.
  ///
  /// - Parameter limit: a longer file is an error (`EFBIG`), so that a file of unexpected size cannot take the memory of the host.
  package static func bytes(of path: String, limit: Int = 1 << 20) throws(SystemCallError) -> [UInt8] {
    let file = try FileDescriptor(reading: path)
    var buffer = [UInt8](repeating: 0, count: 4096)
    var length = 0
    while true {
      if length == buffer.count {
        guard length < limit else { throw SystemCallError.tooLarge(path) }
        buffer.append(contentsOf: repeatElement(0, count: buffer.count))
      }
      let count = try file.read(into: &buffer, from: length, path: path)
      guard count > 0 else { break }
      length += count
    }
    buffer.removeLast(buffer.count - length)
    return buffer
  }

  /// The whole file, or `nil` when there is no such file.
  package static func bytesIfPresent(of path: String, limit: Int = 1 << 20) throws(SystemCallError) -> [UInt8]? {
    do {
      return try bytes(of: path, limit: limit)
    } catch {
      guard error.isNoSuchFile else { throw error }
      return nil
    }
  }
}
