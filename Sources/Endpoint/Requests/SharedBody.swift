internal import CZlib
package import Exposition
internal import NIOCore

/// The outcome of one collection. The metrics are made and each format is written at most once, whichever client asks first.
package actor CollectedMetrics {
  private let make: @Sendable () -> MetricSet
  private lazy var metrics = make()
  private var bodies: [ExpositionFormat: SharedBody] = [:]

  package init(_ make: @escaping @Sendable () -> MetricSet) {
    self.make = make
  }

  /// The metrics in a format.
  func body(as format: ExpositionFormat) -> SharedBody {
    if let body = bodies[format] { return body }
    let body = SharedBody(metrics.encoded(as: format))
    bodies[format] = body
    return body
  }
}

/// The bytes of one answer, compressed at most once however many clients get them.
actor SharedBody {
  private let identity: ByteBuffer
  private var gzipped: ByteBuffer?

  init(_ bytes: [UInt8]) {
    identity = ByteBuffer(bytes: bytes)
  }

  /// The body in a coding, and the coding it really has.
  func coded(as coding: ContentCoding) -> (body: ByteBuffer, isGzipped: Bool) {
    guard coding == .gzip else { return (identity, false) }
    if let gzipped { return (gzipped, true) }
    guard let compressed = Gzip.compress(Array(buffer: identity)) else { return (identity, false) }
    let buffer = ByteBuffer(bytes: compressed)
    gzipped = buffer
    return (buffer, true)
  }
}

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

/// A document whose body is compressed at most once.
struct SharedDocument: Sendable {
  let contentType: String
  let headers: [(name: String, value: String)]
  let body: SharedBody

  init(_ document: EndpointDocument) {
    contentType = document.contentType
    headers = document.headers
    body = SharedBody(document.body)
  }
}
