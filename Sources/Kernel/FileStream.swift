package import KernelFormats

/// A file that is read piece by piece, in a buffer that is reused: its size never matters.
package struct FileStream: ~Copyable {
  private let file: FileDescriptor
  private let path: String
  private var buffer: [UInt8]
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  /// Opens the file.
  package init(_ path: String, bufferSize: Int = 1 << 15) throws(SystemCallError) {
    self.path = path
    file = try FileDescriptor(reading: path)
    buffer = [UInt8](repeating: 0, count: bufferSize)
  }

  /// Opens the file, or returns `nil` if there is none.
  package static func ifPresent(_ path: String) throws(SystemCallError) -> FileStream? {
    do {
      return try FileStream(path)
    } catch {
      guard error.isNoSuchFile else { throw error }
      return nil
    }
  }

  /// Gives what is unread to `consume`, again and again with more behind it, until the file ends or `consume` wants no more for now.
  ///
  /// `consume` returns how many bytes it is done with, and whether to go on. The last call says so and may have no bytes.
  package mutating func read(
    until deadline: Deadline, _ consume: (borrowing Span<UInt8>, _ isLast: Bool) throws(FormatError) -> (used: Int, goOn: Bool)
  ) throws(ReadError) {
    while true {
      let result: (used: Int, goOn: Bool)
      do {
        result = try consume(buffer.span.extracting(start..<end), isAtEnd)
      } catch {
        throw ReadError(error, in: path)
      }
      start += result.used
      guard result.goOn, !isAtEnd else { return }
      guard !deadline.hasPassed else { throw .deadline(path) }
      do { try fill() } catch { throw .systemCall(error) }
    }
  }

  private mutating func fill() throws(SystemCallError) {
    // What is left is at most one line: moving it costs nothing next to the read.
    for index in start..<end { buffer[index - start] = buffer[index] }
    (start, end) = (0, end - start)
    if end == buffer.count {
      // No file of the kernel has lines this long.
      guard buffer.count < 1 << 20 else { throw .tooLarge(path) }
      buffer.append(contentsOf: repeatElement(0, count: buffer.count))
    }
    let count = try file.read(into: &buffer, from: end, path: path)
    end += count
    isAtEnd = count == 0
  }
}

extension ReadError {
  /// A parser's error, with the file it was about.
  package init(_ error: FormatError, in path: String) {
    self = .format(error.at(source: path))
  }
}
