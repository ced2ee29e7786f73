import Exposition

extension FuzzTarget {
  /// A label value and a HELP of any text come out again as they went in, and add no line.
  static let expositions: [FuzzTarget] = [
    FuzzTarget(name: "escaping") { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      let descriptor = MetricDescriptor("portpool_ports", .gauge, labels: ["use"], help: "Ports.")
      var set = MetricSet()
      set.add(descriptor, [text], value: 1)
      for format in [ExpositionFormat.text004, .openMetrics100] {
        let lines = String(decoding: set.encoded(as: format), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let expected = format.syntax == .text004 ? 4 : 6
        require(lines.count == expected, "\(lines.count) lines: \(lines)")
        guard let sample = lines.first(where: { $0.hasPrefix("portpool_ports{") }) else { fail("no sample: \(lines)") }
        require(labelValue(sample.utf8) == Array(text.utf8), "\(sample) does not say \"\(text)\"")
      }
    }
  ]

  /// The value of `NAME{use="VALUE"} 1`, unescaped.
  private static func labelValue(_ line: Substring.UTF8View) -> [UInt8]? {
    var rest = line.drop { $0 != UInt8(ascii: "\"") }.dropFirst()
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return rest.elementsEqual("} 1".utf8) || rest.elementsEqual("} 1.0".utf8) ? value : nil
      case UInt8(ascii: "\\"):
        switch rest.popFirst() {
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "\\"): value.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "\""): value.append(UInt8(ascii: "\""))
        default: return nil
        }
      default: value.append(byte)
      }
    }
    return nil
  }
}
