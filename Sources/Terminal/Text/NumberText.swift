internal import Glibc

/// Numbers and times as people read them.
package enum NumberText {
  /// `28,231`
  package static func count(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var result = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.utf8.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }

  /// `34%`; `<1%` for what is not quite nothing, and `100%` only for all of it.
  package static func percent(_ share: Double) -> String {
    if share <= 0 { return "0%" }
    if share < 0.01 { return "<1%" }
    return share >= 1 ? "100%" : "\(min(99, Int((share * 100).rounded())))%"
  }

  /// A change per second: `+12.5`, `-3`, `+1,204`; `·` for none, and empty where it is not known.
  package static func rate(_ rate: Double?) -> String {
    guard let rate, rate.isFinite else { return "" }
    let tenths = Int((min(abs(rate), 1_000_000) * 10).rounded())
    if tenths == 0 { return "·" }
    let sign = rate < 0 ? "-" : "+"
    if tenths >= 1000 { return sign + count((tenths + 5) / 10) }
    return tenths % 10 == 0 ? "\(sign)\(tenths / 10)" : "\(sign)\(tenths / 10).\(tenths % 10)"
  }
}

// MARK: Times

extension NumberText {
  /// The time that is left: `40 s`, `2 min`, `1 h 5 min`.
  package static func duration(_ seconds: Double) -> String {
    let seconds = Int(min(max(0, seconds), 1_000_000).rounded())
    if seconds < 120 { return "\(seconds) s" }
    let minutes = (seconds + 30) / 60
    if minutes < 60 { return "\(minutes) min" }
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
  }

  /// A short time to a tenth of a second: `43.2 s`.
  package static func seconds(tenths: Int) -> String { "\(tenths / 10).\(tenths % 10) s" }

  /// The time of day in UTC: `11:30:04Z`.
  package static func clock(_ time: Int64) -> String { String(timestamp(time).suffix(9)) }

  /// RFC 3339 in UTC: `2026-01-02T11:30:04Z`. The corresponding C function is `gmtime_r`.
  ///
  /// - Parameter time: seconds since 1970; beyond the years 0 to 9999, which is all that RFC 3339 can write, the nearest of them.
  package static func timestamp(_ time: Int64) -> String {
    var seconds = time_t(min(max(time, -62_167_219_200), 253_402_300_799))
    var parts = unsafe tm()
    unsafe gmtime_r(&seconds, &parts)
    let (year, month, day) = unsafe (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
    let (hour, minute, second) = unsafe (parts.tm_hour, parts.tm_min, parts.tm_sec)
    return "\(digits(year, 4))-\(digits(month))-\(digits(day))T\(digits(hour)):\(digits(minute)):\(digits(second))Z"
  }

  private static func digits(_ number: Int32, _ width: Int = 2) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
