/// Numbers as people read them.
package enum NumberText {
  /// `28,231`
  package static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return number < 0 ? "-" + result : result
  }

  /// `34%`; `<1%` for what is not quite nothing, and `100%` only for all of it.
  package static func percent(_ share: Double) -> String {
    if share <= 0 { return "0%" }
    if share < 0.01 { return "<1%" }
    return share >= 1 ? "100%" : "\(min(99, Int((share * 100).rounded())))%"
  }

  /// A change a second: `+12.5`, `-3`, `+1,204`; `·` for none and nothing for one that is not known.
  package static func rate(_ rate: Double?) -> String {
    guard let rate, rate.isFinite else { return "" }
    let tenths = Int((min(abs(rate), 1_000_000) * 10).rounded())
    if tenths == 0 { return "·" }
    let sign = rate < 0 ? "-" : "+"
    if tenths >= 1000 { return sign + count((tenths + 5) / 10) }
    return tenths % 10 == 0 ? "\(sign)\(tenths / 10)" : "\(sign)\(tenths / 10).\(tenths % 10)"
  }

  /// A time that is left: `40 s`, `2 min`, `1 h 5 min`.
  package static func duration(_ seconds: Double) -> String {
    let seconds = Int(min(max(0, seconds), 1_000_000).rounded())
    if seconds < 120 { return "\(seconds) s" }
    let minutes = (seconds + 30) / 60
    if minutes < 60 { return "\(minutes) min" }
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
  }

  /// The time of day in UTC: `11:30:04Z`.
  package static func clock(_ time: Int64) -> String {
    let seconds = Int(((time % 86_400) + 86_400) % 86_400)
    return "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))Z"
  }

  /// RFC 3339 in UTC: `2026-01-02T11:30:04Z`.
  package static func timestamp(_ time: Int64) -> String {
    let (days, rest) = (time / 86_400, time % 86_400)
    let (year, month, day) = date(rest < 0 ? days - 1 : days)
    return "\(year)-\(two(month))-\(two(day))T\(clock(time))"
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// The Gregorian date of a day counted from 1970-01-01, in eras of 400 years that begin on a first of March.
  private static func date(_ day: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = Int(day) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
