internal import Glibc

/// What a terminal can show.
package struct Look: Sendable, Hashable {
  package let colors: Colors
  /// Letters and signs of ASCII only, for a locale that is not UTF-8.
  package let isASCII: Bool

  package init(colors: Colors, isASCII: Bool = false) {
    self.colors = colors
    self.isASCII = isASCII
  }

  /// How many colours.
  package enum Colors: Int, Sendable, Hashable {
    case none = 0
    case sixteen = 16
    case all = 256
  }

  /// What this program's environment says. The corresponding C function is `getenv`.
  package static var current: Look? {
    var environment: [String: String] = [:]
    for name in ["TERM", "COLORTERM", "NO_COLOR"] + localeNames {
      environment[name] = unsafe getenv(name).map { unsafe String(cString: $0) }
    }
    return Look(environment: environment)
  }

  private static let localeNames = ["LC_ALL", "LC_CTYPE", "LANG"]

  /// What the environment says of the terminal; `nil` when it cannot place a cursor (`TERM` is `dumb`, or not set).
  ///
  /// `NO_COLOR`, when not empty, takes colours away: <https://no-color.org>.
  package init?(environment: [String: String]) {
    let term = environment["TERM"] ?? ""
    guard !term.isEmpty, term != "dumb", term != "unknown" else { return nil }
    let locale = Self.localeNames.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let charset = locale.lowercased().filter { $0 != "-" }
    isASCII = !charset.hasSuffix("utf8") && !charset.contains("utf8@")
    if !(environment["NO_COLOR"] ?? "").isEmpty {
      colors = .none
    } else if term.contains("256") || term.contains("direct") || !(environment["COLORTERM"] ?? "").isEmpty
      || Self.modern.contains(where: { term.contains($0) })
    {
      colors = .all
    } else if term.hasPrefix("vt") || term.hasSuffix("-m") || term.hasSuffix("-mono") {
      colors = .none
    } else {
      colors = .sixteen
    }
  }

  /// Terminals with 256 colours whose names do not say so.
  private static let modern = ["kitty", "ghostty", "alacritty", "foot", "wezterm", "contour"]
}
