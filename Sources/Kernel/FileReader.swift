package import KernelFormats

/// Reads files of `/proc`, whole or in pieces.
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

  /// Gives the file to `consume` piece by piece, in a buffer that is reused.
  ///
  /// `consume` returns how many bytes it is done with; the rest is given again with more behind it. The last call says so and may have no bytes.
  /// `nil` ends the reading.
  package static func stream(
    _ path: String, buffer: inout [UInt8], until deadline: Deadline,
    _ consume: (borrowing Span<UInt8>, _ isLast: Bool) throws(FormatError) -> Int?
  ) throws(ReadError) {
    let file: FileDescriptor
    do { file = try FileDescriptor(reading: path) } catch { throw .systemCall(error) }
    var length = 0
    while true {
      let count: Int
      do {
        if length == buffer.count { try grow(&buffer, path) }
        count = try file.read(into: &buffer, from: length, path: path)
      } catch { throw .systemCall(error) }
      length += count
      let used: Int?
      do { used = try consume(buffer.span.extracting(first: length), count == 0) } catch { throw ReadError(error, in: path) }
      guard let used, count > 0 else { return }
      guard !deadline.hasPassed else { throw .deadline(path) }
      // What is left is at most one line: moving it costs nothing beside the read.
      if used > 0 {
        for (to, from) in (used..<length).enumerated() { buffer[to] = buffer[from] }
        length -= used
      }
    }
  }

  /// A buffer full of one unfinished line grows, up to a mebibyte: no file of the kernel has such lines.
  private static func grow(_ buffer: inout [UInt8], _ path: String) throws(SystemCallError) {
    guard buffer.count < 1 << 20 else { throw .tooLarge(path) }
    buffer.append(contentsOf: repeatElement(0, count: max(buffer.count, 4096)))
  }
}

extension ReadError {
  /// A parser's error, with the file it was about.
  package init(_ error: FormatError, in path: String) {
    self = .format(error.at(source: path))
  }
}
