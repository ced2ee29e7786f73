import Foundation

/// Debian's browser without a window.
enum Chromium {
  static var isInstalled: Bool { Command.path("chromium") != nil }

  /// The document as the browser has it after loading, scripts run.
  static func document(_ url: String) throws -> String {
    try run(["--dump-dom", url]).output
  }

  /// What the page's scripts and policy complained about.
  static func console(_ url: String) throws -> [String] {
    try run(["--enable-logging=stderr", "--v=0", "--dump-dom", url]).errors.split(separator: "\n").map(String.init)
      .filter { $0.contains("CONSOLE") }
  }

  /// A picture of the whole page.
  static func screenshot(_ url: String, to path: String, width: Int, height: Int, dark: Bool) throws {
    let scheme = dark ? ["--blink-settings=preferredColorScheme=0", "--force-dark-mode"] : ["--blink-settings=preferredColorScheme=1"]
    _ = try run(scheme + ["--screenshot=\(path)", "--window-size=\(width),\(height)", "--hide-scrollbars", url])
  }

  private static func run(_ arguments: [String]) throws -> Command {
    let profile = FileManager.default.temporaryDirectory.appendingPathComponent("chromium-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: profile) }
    return try Command.run(
      "chromium",
      arguments: [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=\(profile)",
        "--virtual-time-budget=2000",
      ] + arguments)
  }
}
