internal import CBuildInfo

/// What this program was built from.
struct BuildInfo: Sendable, Hashable {
  let version: String
  /// The commit, or `unknown` when built outside `make`.
  let revision: String
  let swiftVersion: String
  let operatingSystem: String
  let architecture: String

  static let current = BuildInfo(
    version: "0.1.0",
    revision: unsafe String(cString: portpool_revision()),
    swiftVersion: swiftVersionOfCompiler,
    operatingSystem: "linux",
    architecture: architectureOfTarget)

  private static var swiftVersionOfCompiler: String {
    #if compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  private static var architectureOfTarget: String {
    #if arch(x86_64)
      "amd64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }
}

extension BuildInfo: CustomStringConvertible {
  /// `portpool 0.1.0 (revision 1a2b3c4, Swift 6.3, linux/amd64)`
  var description: String {
    "portpool \(version) (revision \(revision), Swift \(swiftVersion), \(operatingSystem)/\(architecture))"
  }
}
