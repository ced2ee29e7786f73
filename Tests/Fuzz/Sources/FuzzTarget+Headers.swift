import Exposition

extension FuzzTarget {
  /// Whatever a client says, there is an answer in a format we have; and refusing everything else leaves that format.
  static let headers: [FuzzTarget] = [
    FuzzTarget(name: "accept") { bytes in
      let header = String(decoding: bytes, as: UTF8.self)
      let format = ExpositionFormat.negotiated(accept: header)
      require(format == ExpositionFormat.negotiated(accept: header + ","), "an empty element changed \(format)")
      require(format == ExpositionFormat.negotiated(accept: header + ",image/png;q=1"), "a foreign type changed \(format)")
      require(!format.contentType.utf8.contains { $0 < 0x20 || $0 > 0x7E || $0 == 0x22 }, "Content-Type \(format.contentType)")
    },
    FuzzTarget(name: "accept-encoding") { bytes in
      let header = String(decoding: bytes, as: UTF8.self)
      let coding = ContentCoding.negotiated(acceptEncoding: header)
      require(coding == .identity || header.contains { "gG*".contains($0) }, "gzip for a client that did not speak of it: \(header)")
    },
  ]
}
