import Exposition
import Testing

@Suite("Whether an answer is compressed")
struct ContentCodingTests {
  @Test(
    "by Accept-Encoding",
    arguments: [
      (nil, .identity), ("", .identity), ("gzip", .gzip), ("GZIP", .gzip), ("x-gzip", .gzip), ("gzip, deflate, br, zstd", .gzip),
      ("deflate, gzip;q=0.5", .gzip), ("gzip;q=0", .identity), ("gzip;q=0.000", .identity), ("gzip;q=0.001", .gzip), ("*", .gzip),
      ("*;q=0.1", .gzip),
      ("*;q=0", .identity), ("gzip;q=0, *", .identity), ("gzip, *;q=0", .gzip), ("identity", .identity), ("br", .identity),
      ("identity;q=0.5, gzip;q=0.8", .gzip), ("identity, gzip;q=0.8", .identity), ("identity;q=0, gzip", .gzip),
      ("identity;q=0", .identity),
      ("identity;q=1, *;q=0", .identity), ("gzip;q=x", .identity), ("gzip;q=1.1", .identity), ("gzip ; q=0.2", .gzip),
      ("gzippy", .identity),
    ] as [(String?, ContentCoding)])
  func byHeader(_ header: String?, _ coding: ContentCoding) {
    #expect(ContentCoding.negotiated(acceptEncoding: header) == coding)
  }
}
