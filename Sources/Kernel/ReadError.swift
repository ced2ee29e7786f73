package import KernelFormats

/// Why something could not be read from the kernel.
package enum ReadError: Error, Sendable, Hashable {
  /// The kernel refused a call.
  case systemCall(SystemCallError)
  /// The kernel answered with something that is not of the documented form.
  case format(FormatError)
  /// The scrape had to answer before this was read to its end.
  case deadline(String)
  /// None of several ways is allowed: why, and what would be enough.
  case refused(String)
}

extension ReadError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .systemCall(let error): error.description
    case .format(let error): error.description
    case .deadline(let subject): "\(subject): not read to its end before the scrape's deadline"
    case .refused(let reasons): reasons
    }
  }
}

extension ReadError {
  /// The value of `call`; the kernel's refusal becomes a ``systemCall(_:)``.
  package static func wrapping<Value: ~Copyable>(_ call: @autoclosure () throws(SystemCallError) -> Value) throws(ReadError) -> Value {
    do { return try call() } catch { throw .systemCall(error) }
  }

  /// What `parse` makes of `bytes`; its errors get the name of the file that the bytes are from.
  package static func naming<Value>(
    _ path: String, _ bytes: [UInt8], _ parse: (borrowing Span<UInt8>) throws(FormatError) -> Value
  ) throws(ReadError) -> Value {
    do { return try parse(bytes.span) } catch { throw ReadError(error, in: path) }
  }
}

extension FileReader {
  /// What `parse` makes of the file. Its errors get the file's name.
  package static func value<Value>(
    of path: String, limit: Int = 1 << 20, _ parse: (borrowing Span<UInt8>) throws(FormatError) -> Value
  ) throws(ReadError) -> Value {
    try ReadError.naming(path, try ReadError.wrapping(try bytes(of: path, limit: limit)), parse)
  }

  /// What `parse` makes of the file, or `nil` if no such file exists.
  package static func valueIfPresent<Value>(
    of path: String, limit: Int = 1 << 20, _ parse: (borrowing Span<UInt8>) throws(FormatError) -> Value
  ) throws(ReadError) -> Value? {
    guard let bytes = try ReadError.wrapping(try bytesIfPresent(of: path, limit: limit)) else { return nil }
    return try ReadError.naming(path, bytes, parse)
  }

  /// What `parse` makes of the file, or `nil` if no such file exists or this process may not read it.
  package static func valueIfReadable<Value>(
    of path: String, limit: Int = 1 << 20, _ parse: (borrowing Span<UInt8>) throws(FormatError) -> Value
  ) throws(ReadError) -> Value? {
    do throws(ReadError) {
      return try valueIfPresent(of: path, limit: limit, parse)
    } catch {
      guard case .systemCall(let call) = error, call.isPermissionDenied else { throw error }
      return nil
    }
  }
}
