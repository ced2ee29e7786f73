package import Exposition

/// The path of a group: `/metrics/job/portpool/instance/web-1`.
///
/// Prometheus: <https://github.com/prometheus/pushgateway/blob/master/README.md#url>.
package enum GroupingPath {
  /// The path for a job and further labels. What a path segment cannot hold goes as `job@base64/YS9i`.
  package static func path(job: String, grouping: [MetricSeries.Label]) -> String {
    var path = "/metrics"
    for label in [MetricSeries.Label(name: "job", value: job)] + grouping {
      path += needsBase64(label.value) ? "/\(label.name)@base64/\(base64(label.value))" : "/\(label.name)/\(percentEncoded(label.value))"
    }
    return path
  }

  /// Empty segments, slashes and the two segments that mean a folder do not survive in a path, encoded or not.
  private static func needsBase64(_ value: String) -> Bool {
    value.isEmpty || value.utf8.contains(UInt8(ascii: "/")) || value == "." || value == ".."
  }

  /// All but the unreserved characters of RFC 3986 as `%XX`; a space is `%20`.
  static func percentEncoded(_ value: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// RFC 4648, 5, without padding; the empty value is `=`, for a segment must not be empty.
  static func base64(_ value: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    guard !value.isEmpty else { return "=" }
    var text: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in value.utf8 {
      bits = (bits & 0xFFFF) << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(alphabet[Int(bits >> UInt32(count) & 63)])
      }
    }
    if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
    return String(decoding: text, as: UTF8.self)
  }
}
