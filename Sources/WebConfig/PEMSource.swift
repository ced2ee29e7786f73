/// Where a certificate or key comes from.
package enum PEMSource: Sendable, Hashable {
  /// A file; relative paths were resolved against the directory of the configuration.
  case file(String)
  /// The text itself.
  case inline(String)

  /// The path, of a file.
  package var path: String? {
    if case .file(let path) = self { path } else { nil }
  }
}
