/// How the body of an answer is coded on its way: as it is, or compressed.
///
/// RFC 9110, 8.4.1; the raw value is what `Content-Encoding` says.
package enum ContentCoding: String, Sendable, Hashable, CaseIterable {
  case identity, gzip

  /// The coding to answer with.
  ///
  /// `gzip;q=0.8, identity;q=0.1` gets gzip; `gzip;q=0` and `*;q=0` forbid it; `*` allows it; no header gets identity. A client that
  /// likes identity better by name gets identity (RFC 9110, 12.5.3).
  package static func negotiated(acceptEncoding: String?) -> ContentCoding {
    let elements = WeightedElement.list(acceptEncoding ?? "")
    func weight(_ names: String...) -> Int? { elements.first { names.contains($0.value) }?.weight }
    let gzipWeight = weight("gzip", "x-gzip") ?? weight("*") ?? 0
    let identityWeight = weight("identity") ?? 0
    return gzipWeight > 0 && gzipWeight >= identityWeight ? .gzip : .identity
  }
}
