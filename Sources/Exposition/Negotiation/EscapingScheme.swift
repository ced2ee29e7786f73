/// How a scraper wants names that are not `[a-zA-Z_:][a-zA-Z0-9_:]*`, the `escaping` parameter of `Accept`.
///
/// `Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8`
///
/// Prometheus: <https://prometheus.io/docs/instrumenting/escaping_schemes/>. Every name here is of the old alphabet already, so only `dots`
/// changes one.
package enum EscapingScheme: String, Sendable, Hashable, CaseIterable {
  /// Names as they are.
  case allowUTF8 = "allow-utf-8"
  /// Bytes outside the alphabet become `_`.
  case underscores
  /// A dot becomes `_dot_`, and so that it can be undone, `_` becomes `__`.
  case dots
  /// A name outside the alphabet becomes `U__` and its code points in hexadecimal.
  case values

  /// A name of the old alphabet in this scheme: `up_time` is `up__time` in `dots` and itself in the others.
  func escaped(_ name: String) -> [UInt8] {
    guard self == .dots else { return Array(name.utf8) }
    return name.utf8.flatMap { $0 == UInt8(ascii: "_") ? [$0, $0] : [$0] }
  }
}
