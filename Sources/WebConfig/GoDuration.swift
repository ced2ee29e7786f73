/// A time as Go writes it: `1s`, `1m30s`, `500ms`, or a plain number of nanoseconds. `time.ParseDuration`
enum GoDuration {
  private static let units: [(name: String, nanoseconds: Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12),
  ]

  /// The time, or `nil` for a text that is none, or longer than a year.
  static func parse(_ text: String) -> Duration? {
    if let nanoseconds = Int(text) { return nanoseconds.magnitude < UInt(Int32.max) * 1_000_000 ? .nanoseconds(nanoseconds) : nil }
    var rest = Substring(text)
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
    guard !rest.isEmpty else { return nil }
    var total = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let value = Double(number) else { return nil }
      rest = rest.dropFirst(number.count)
      let name = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
      guard let unit = units.first(where: { $0.name == name }) else { return nil }
      rest = rest.dropFirst(name.count)
      total += value * unit.nanoseconds
    }
    guard total < 3.2e16 else { return nil }
    return .nanoseconds(Int(isNegative ? -total : total))
  }
}
