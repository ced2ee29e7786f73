internal import Exposition
internal import NIOCore

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
