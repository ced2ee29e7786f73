internal import ArgumentParser

/// How log lines are written: `--log.format`.
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// `time=2026-01-02T03:04:05Z level=info msg="listening" address=[::]:10097`
  case logfmt
  /// `{"time":"2026-01-02T03:04:05Z","level":"info","msg":"listening","address":"[::]:10097"}`
  case json

  /// One line, with its LF.
  func line(time: String, level: String, message: String, fields: [(name: String, value: String)]) -> String {
    let all = [("time", time), ("level", level), ("msg", message)] + fields.map { ($0.name, $0.value) }
    switch self {
    case .logfmt:
      return all.map { "\($0.0)=\(Self.logfmtValue($0.1))" }.joined(separator: " ") + "\n"
    case .json:
      return "{" + all.map { "\(Self.quoted($0.0)):\(Self.quoted($0.1))" }.joined(separator: ",") + "}\n"
    }
  }

  /// Quoted where a space, a quotation mark, an equals sign or a control character would make it ambiguous.
  private static func logfmtValue(_ value: String) -> String {
    let isPlain =
      !value.isEmpty && value.unicodeScalars.allSatisfy { !isUnprintable($0) && $0 != " " && $0 != "\"" && $0 != "=" && $0 != "\\" }
    return isPlain ? value : quoted(value)
  }

  /// Control characters of both sets, and the invisible ones that break lines or reorder text: a terminal that shows a log would obey them.
  private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value < 0x20 }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return false
    }
  }

  /// A JSON string (RFC 8259 § 7), which logfmt readers understand as well.
  private static func quoted(_ value: String) -> String {
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where isUnprintable(scalar):
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
