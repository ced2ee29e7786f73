internal import Exposition

/// The values of `--grouping`: `instance=web-1`. A value may be empty and may hold anything, equal signs too.
enum GroupingFlag {
  static func labels(_ texts: [String], flagPrefix: String) throws(PushConfigurationError) -> [MetricSeries.Label] {
    var labels: [MetricSeries.Label] = []
    for text in texts {
      guard let equals = text.firstIndex(of: "=") else {
        throw PushConfigurationError(flag: "grouping", problem: "\"\(text)\" is not LABEL=VALUE; write for example instance=web-1")
      }
      let name = String(text[..<equals])
      guard isLabelName(name) else {
        throw PushConfigurationError(
          flag: "grouping", problem: "\"\(name)\" is not a label name; use letters, digits and underscores, no digit first, not __ first")
      }
      guard name != "job" else { throw PushConfigurationError(flag: "grouping", problem: "the job is given by \(flagPrefix)job") }
      guard !labels.contains(where: { $0.name == name }) else {
        throw PushConfigurationError(flag: "grouping", problem: "\"\(name)\" is there twice")
      }
      labels.append(MetricSeries.Label(name: name, value: String(text[text.index(after: equals)...])))
    }
    return labels
  }

  private static func isLabelName(_ name: String) -> Bool {
    guard !name.isEmpty, !name.hasPrefix("__") else { return false }
    return name.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
      default: false
      }
    }
  }
}
