package import WebConfig

/// What `portpool check-config FILE` does: everything that a start would do with the file, without listening.
package enum WebConfigCheck {
  /// Reads the file, loads its certificates, and returns what a careful administrator should know.
  /// - Throws: ``ConfigurationError``
  package static func check(_ path: String) throws(ConfigurationError) -> [String] {
    try SecurityPolicy(try WebConfig.load(path)).warnings
  }
}
