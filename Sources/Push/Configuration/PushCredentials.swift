/// Where the secret of a push is; it is read anew for every push, so that a rotated one is taken up.
package enum PushCredentials: Sendable, Hashable {
  case none
  /// A file with `user:password` in its first line.
  case basic(file: String)
  /// A file with a token in its first line.
  case bearer(file: String)

  /// The file, where there is one.
  package var file: String? {
    switch self {
    case .none: nil
    case .basic(let file), .bearer(let file): file
    }
  }
}
