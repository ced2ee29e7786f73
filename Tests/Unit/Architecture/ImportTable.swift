/// Which module may import which: dependencies only point down, and only `Kernel` makes system calls for the rest.
///
/// | target | may import |
/// |---|---|
/// | `PortModel`, `Exposition` | the standard library |
/// | `Endpoint` | SwiftNIO's family, `Exposition`, `WebConfig`, `CCrypt`, `CZlib`, Glibc for the clock and systemd |
enum ImportTable {
  /// Modules of the toolchain that every module may use.
  static let standardLibrary: Set<String> = ["Swift", "Synchronization", "_Concurrency"]

  private static let belowScraper: Set<String> = ["PortModel", "KernelFormats", "Kernel"]
  private static let swiftNIO: Set<String> = [
    "NIOCore", "NIOPosix", "NIOConcurrencyHelpers", "NIOHTTP1", "NIOExtras", "NIOHTTPCompression", "NIOSSL", "NIOTLS",
  ]

  /// What each folder of `Sources` may import besides the standard library; a folder without a row fails.
  static let rows: [String: Set<String>] = [
    "CBPF": [], "CBuildInfo": [], "CCrypt": [], "CCurl": [], "CLinux": [], "CYaml": [], "CZlib": [],
    "PortModel": [],
    "KernelFormats": ["PortModel"],
    "Kernel": ["PortModel", "KernelFormats", "CLinux", "CBPF", "Glibc"],
    "Scraper": belowScraper,
    "Exposition": [],
    "Metrics": ["PortModel", "Exposition"],
    "StatusPage": ["PortModel"],
    "WebConfig": ["CYaml"],
    "Endpoint": swiftNIO.union(["Exposition", "WebConfig", "CCrypt", "CZlib", "Glibc"]),
    "Push": ["Exposition", "CCurl"],
    "Terminal": ["PortModel", "Kernel", "Glibc"],
    "Inspector": belowScraper.union(["Scraper", "Terminal"]),
    "LiveView": ["PortModel", "Terminal"],
    "portpool": belowScraper.union([
      "Scraper", "Exposition", "Metrics", "StatusPage", "WebConfig", "Endpoint", "Push", "Inspector", "LiveView", "Terminal", "CBuildInfo",
      "ArgumentParser", "Logging", "ServiceLifecycle", "UnixSignals", "Dispatch", "FoundationEssentials", "Glibc",
    ]),
  ]

  /// The imports of `text` that module `module` may not have, as `LINE: module X may not import Y`.
  static func violations(in text: String, of module: String) -> [String] {
    guard let row = rows[module] else { return ["there is no row for Sources/\(module)"] }
    return ImportLine.all(in: text).compactMap { line in
      if row.contains(line.module) || standardLibrary.contains(line.module) { return nil }
      return "\(line.number): module \(module) may not import \(line.module)"
    }
  }
}
