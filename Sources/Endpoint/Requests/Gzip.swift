internal import CZlib

/// The gzip content coding. RFC 9110 section 8.4.1.3
enum Gzip {
  /// zlib's default: 60 KB of metrics shrink to a tenth in a third of a millisecond.
  private static let level: CInt = 6

  /// One gzip member, or `nil` when zlib has no memory: the answer then goes out uncompressed.
  ///
  /// The corresponding C functions are `deflateInit2` and `deflate`.
  static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    let capacity = czlib_gzip_bound(bytes.count)
    let result = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      unsafe bytes.withUnsafeBufferPointer { input in
        count = unsafe czlib_gzip(input.baseAddress, input.count, output.baseAddress, output.count, level)
      }
    }
    return result.isEmpty ? nil : result
  }
}
