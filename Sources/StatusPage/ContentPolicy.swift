extension StatusPage {
  /// The headers that go with ``html()``. The policy allows this document's own style and script, by their hashes, and nothing else.
  ///
  /// - Parameter sha256: the digest of a message, FIPS 180-4.
  package static func headers(sha256: ([UInt8]) -> [UInt8]) -> [(name: String, value: String)] {
    // CSP level 3, section 2.3.1: 'sha256-' and the digest in base64.
    func source(_ file: EmbeddedFile) -> String { "'sha256-\(base64(sha256(file.bytes)))'" }
    let policy =
      "default-src 'none'; style-src \(source(.style)); script-src \(source(.script)); connect-src 'self'; img-src data:; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return [("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer")]
  }

  /// RFC 4648 section 4
  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      bits <<= UInt32(8 * (3 - group.count))
      for index in 0..<4 {
        result.append(index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
